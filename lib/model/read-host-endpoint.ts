import type { CalicoGroup } from "./calico-group.ts";
import type { HostEndpoint } from "./host-endpoint.ts";
import type { JsonObject, KubernetesObject } from "./kubernetes-object.ts";
import { readCalicoMetadata } from "./read-calico-metadata.ts";
import { arrayAt, stringAt } from "./read-json.ts";

/**
 * Reads a HostEndpoint as Calico reads it; the group decides the dialect. The one decoder, for what an API server serves and for
 * what stands in a file.
 *
 * One that Calico skips has no labels here: so nobody owns it, it blocks its name, it is reported as foreign, and is never
 * deleted as an orphan. Source: docs/calico.md 1.2, 1.3.
 */
export function decodeHostEndpoint(group: CalicoGroup, raw: KubernetesObject): HostEndpoint {
  const { metadata, spec } = raw;
  const read = readCalicoMetadata({ apiVersion: group, metadata });
  return {
    name: metadata.name,
    calicoName: read.kind === "read" ? read.name : metadata.name,
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    labels: read.kind === "read" ? read.labels : {},
    annotations: read.kind === "read" ? read.annotations : (metadata.annotations ?? {}),
    node: stringAt(spec, "node") ?? "",
    interfaceName: stringAt(spec, "interfaceName") ?? "",
    expectedIPs: textsAt(spec, "expectedIPs"),
    profiles: textsAt(spec, "profiles"),
    ports: arrayAt(spec, "ports"),
    deleting: metadata.deletionTimestamp !== undefined,
    ...((metadata.finalizers ?? []).length === 0
      ? {}
      : { heldBy: (metadata.finalizers ?? []).map((name) => ({ name })) }),
    ...(read.kind === "skipped" ? { skipped: { reason: read.reason } } : {}),
    raw,
  };
}

/** The texts of a list as Go reads them: null is an empty one. */
function textsAt(spec: JsonObject | undefined, key: string): readonly string[] {
  return arrayAt(spec, key).flatMap((it) => (it === null ? "" : typeof it === "string" ? it : []));
}
