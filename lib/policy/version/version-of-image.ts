import type { CalicoVersion } from "../../model/calico-version.ts";
import { parseCalicoVersion } from "./calico-version.ts";

/** Longer references are cut by no registry that serves them. */
const LONGEST_IMAGE = 4_096;

/**
 * What the tag of an image says: `quay.io/calico/node:v3.32.1`, `host:5000/calico/node:v3.26.3-gke.13`, also with a digest
 * behind it. Undefined for a digest alone, no tag, or a tag that is no version. The registry says nothing.
 * Source: docs/calico-versions.md 1 ("Image tag").
 */
export function versionOfImage(image: string): CalicoVersion | undefined {
  if (image.length > LONGEST_IMAGE) return undefined;
  const [reference = ""] = image.trim().split("@");
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  const colon = last.indexOf(":");
  return colon < 0 ? undefined : parseCalicoVersion(last.slice(colon + 1));
}
