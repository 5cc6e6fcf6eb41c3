/**
 * The second home of labels and annotations on `crd.projectcalico.org/v1`: Calico's clients keep the v3 metadata as JSON
 * in the annotation `projectcalico.org/metadata`, and on reading it wins over the native maps, key by key
 * (docs/calico.md 1.2, 1.3; libcalico-go/lib/backend/k8s/resources/resources.go:185-359).
 */
import type { JsonObject, StringMap } from "../../model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../../names/names.ts";
import { isJsonObject, isStringMap, stringAt } from "../../model/read-json.ts";

export type MetadataAnnotation =
  | { readonly kind: "absent" }
  /** `document` is the whole JSON, so that what we do not own survives a rewrite. */
  | {
      readonly kind: "present";
      readonly document: JsonObject;
      readonly name: string;
      readonly labels: StringMap;
      readonly annotations: StringMap;
    }
  /** Calico cannot read it either and skips the whole object: for Felix it does not exist. */
  | { readonly kind: "unreadable" };

/** Reads the annotation out of an object's native annotations. Never throws. */
export function readMetadataAnnotation(annotations: StringMap): MetadataAnnotation {
  const text = annotations[CALICO_METADATA_ANNOTATION];
  if (text === undefined) return { kind: "absent" };
  const document = parseDocument(text);
  if (document === undefined) return { kind: "unreadable" };
  const labels = readMap(document["labels"]);
  const inner = readMap(document["annotations"]);
  const name = document["name"] ?? "";
  if (labels === undefined || inner === undefined || typeof name !== "string") return { kind: "unreadable" };
  return { kind: "present", document, name: stringAt(document, "name") ?? "", labels, annotations: inner };
}

/** Writes the annotation's text anew with other labels and annotations; everything else in it stays. */
export function writeMetadataAnnotation(
  document: JsonObject,
  labels: StringMap,
  annotations: StringMap,
): string {
  const { labels: _labels, annotations: _annotations, ...rest } = document;
  return JSON.stringify({
    ...rest,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
}

/** As Go's decoder does: `null` is an empty object, anything that is not an object is an error. */
function parseDocument(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null) return {};
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** As Go's decoder does for `map[string]string`: absent and null are empty, a null value is the empty text. */
function readMap(value: unknown): StringMap | undefined {
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) return undefined;
  if (isStringMap(value)) return value;
  const entries: [string, string][] = [];
  for (const [key, it] of Object.entries(value)) {
    if (it === null) entries.push([key, ""]);
    else if (typeof it === "string") entries.push([key, it]);
    else return undefined;
  }
  return Object.fromEntries(entries);
}
