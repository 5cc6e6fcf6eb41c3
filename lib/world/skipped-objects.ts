import { ascending } from "../model/ascending.ts";
import type { Finding } from "../model/finding.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import { readCalicoMetadata } from "../model/read-calico-metadata.ts";
import type { PolicyObjects } from "../model/snapshot.ts";
import { CALICO_METADATA_ANNOTATION } from "../names/names.ts";
import { nameOf } from "../policy/world/compile-policies.ts";

const CAUSE = `its annotation ${CALICO_METADATA_ANNOTATION} cannot be read`;

/**
 * Objects that people see and Calico does not: the annotation in which its clients keep an object's metadata is broken, and it
 * skips the object, with nothing but a line in Felix's log. Sorted by object.
 * Source: docs/calico.md 1.2.
 *
 * @param wanted names that nodes of ours would get: what is skipped under one of them keeps its node from being protected
 */
export function skippedObjects(
  { hostEndpoints, policyObjects }: { hostEndpoints: readonly HostEndpoint[]; policyObjects: PolicyObjects },
  wanted: ReadonlySet<string>,
): readonly Finding[] {
  return [
    ...hostEndpoints.flatMap((it) => skippedEndpoint(it, wanted.has(it.name))),
    ...Object.values(policyObjects).flat().flatMap(skippedObject),
  ].sort(ascending((it) => it.object));
}

function skippedEndpoint({ name, node, skipped }: HostEndpoint, isWanted: boolean): readonly Finding[] {
  if (skipped === undefined) return [];
  const taken = isWanted
    ? `; while it is there, its node cannot get one of ours, which would have its name`
    : "";
  return [
    {
      severity: isWanted ? "error" : "warning",
      code: "skipped-endpoint",
      object: `HostEndpoint/${name}`,
      message: `Calico skips it, because ${CAUSE} (${skipped.reason}): it protects nothing on node ${node}${taken}`,
      fix: isWanted
        ? `delete it ("kubectl delete hostendpoint ${name}"): the next reconcile makes the right one, behind the guard`
        : `delete it, or remove the annotation; without it the endpoint takes force at once, as it stands: look at its profiles first`,
    },
  ];
}

function skippedObject(object: KubernetesObject): readonly Finding[] {
  const read = readCalicoMetadata(object);
  if (read.kind === "read") return [];
  return [
    {
      severity: "warning",
      code: "skipped-object",
      object: nameOf(object),
      message: `Calico skips it, because ${CAUSE} (${read.reason}): it has no effect`,
      fix: "delete it, or remove the annotation; without it the object takes force at once, as it stands",
    },
  ];
}
