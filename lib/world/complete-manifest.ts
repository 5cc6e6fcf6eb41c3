import { CALICO_V3 } from "../model/calico-group.ts";
import type { JsonObject, KubernetesObject } from "../model/kubernetes-object.ts";
import { arrayAt } from "../model/read-json.ts";

export type Completed = {
  readonly object: KubernetesObject;
  /** What was assumed, a sentence about the object. Absent: nothing. */
  readonly assumed?: string;
};

/** Who applies a manifest of `projectcalico.org/v3`, and so fills in its `types`; `unknown`: one of them. */
export type ApplyWay = "calicoctl" | "v3-admission" | "unknown";

/** Kinds whose `types` whoever stores them fills in. */
const WITH_TYPES: ReadonlySet<string> = new Set([
  "GlobalNetworkPolicy",
  "NetworkPolicy",
  "StagedGlobalNetworkPolicy",
  "StagedNetworkPolicy",
]);

/**
 * A policy that a person wrote, as the way of applying it makes it: `projectcalico.org/v3` goes through calicoctl, through Calico's
 * API server or through v3's admission, and all of them fill in missing `types` from the rules. What an API server has served is
 * taken as it is stored, and so is every object of `crd.projectcalico.org/v1`.
 * Source: docs/calico.md 1.5.
 */
export function completeManifest(object: KubernetesObject, way: ApplyWay = "unknown"): Completed {
  if (object.apiVersion !== CALICO_V3 || !WITH_TYPES.has(object.kind) || isServed(object)) return { object };
  const spec = object.spec ?? {};
  // A staged deletion may name nothing but its tier.
  if (spec["stagedAction"] === "Delete") return { object };
  const given = spec["types"];
  if (given !== undefined && given !== null && !(Array.isArray(given) && given.length === 0))
    return { object };
  const byPresence = typesFor((key) => hasField(spec, key));
  if (way === "v3-admission")
    return {
      object: { ...object, spec: { ...spec, types: byPresence } },
      assumed: `it has no types: read as ${listOf(byPresence)}, which v3's admission makes of the fields that are there`,
    };
  const types = typesFor((key) => arrayAt(spec, key).length > 0);
  const other =
    way === "calicoctl" || byPresence.join() === types.join()
      ? ""
      : `; where v3's own admission fills them in, it looks whether the fields are there at all, and makes it ${listOf(byPresence)}`;
  return {
    object: { ...object, spec: { ...spec, types } },
    assumed: `it has no types: read as ${listOf(types)}, which calicoctl and Calico's API server make of its rules${other}; stored without types it governs both directions. Write types: ${listOf(types)} to be sure`,
  };
}

/** True for an object that comes from an API server, which gave it an identity. */
export function isServed({ metadata }: KubernetesObject): boolean {
  return [metadata.uid, metadata.resourceVersion, metadata.creationTimestamp].some(
    (it) => typeof it === "string" && it !== "",
  );
}

function typesFor(has: (key: "ingress" | "egress") => boolean): readonly string[] {
  if (!has("egress")) return ["Ingress"];
  return has("ingress") ? ["Ingress", "Egress"] : ["Egress"];
}

function hasField(spec: JsonObject, key: string): boolean {
  return spec[key] !== undefined && spec[key] !== null;
}

function listOf(types: readonly string[]): string {
  return `[${types.join(", ")}]`;
}
