import type { KubernetesObject } from "../model/kubernetes-object.ts";

type Named = { readonly kind: string; readonly name: string; readonly namespace?: string };

const DEFAULT_PREFIX = "default.";

/**
 * True for the stored object that a manifest, or a person, means by a name. Before Calico 3.32 policies of the tier `default`
 * are stored as `default.NAME`, and people write NAME; where both are stored, the name as it is written counts.
 * Source: docs/calico.md 1.4.
 */
export function isSameObject(
  stored: KubernetesObject,
  { kind, name, namespace }: Named,
  among: readonly KubernetesObject[],
): boolean {
  if (stored.kind !== kind && stored.kind !== "") return false;
  if (namespace !== undefined && (stored.metadata.namespace ?? "default") !== namespace) return false;
  if (stored.metadata.name === name) return true;
  if (!kind.endsWith("NetworkPolicy") || among.some((it) => it.metadata.name === name)) return false;
  return isOfDefaultTier(stored) && stripped(stored.metadata.name) === stripped(name);
}

function isOfDefaultTier({ spec }: KubernetesObject): boolean {
  const tier = spec?.["tier"];
  return tier === undefined || tier === null || tier === "" || tier === "default";
}

function stripped(name: string): string {
  return name.startsWith(DEFAULT_PREFIX) ? name.slice(DEFAULT_PREFIX.length) : name;
}
