import type { CalicoGroup } from "../model/calico-group.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";

/**
 * Objects with staged policies as the policies that they would become. One with `stagedAction: Delete` becomes nothing here; its
 * policy is deleted by `stagedDeletes`. Source: docs/calico.md 5 (staged policies are ordered, shown, and never enforced).
 */
export function enforced(
  objects: readonly KubernetesObject[],
  group: CalicoGroup,
): readonly KubernetesObject[] {
  return objects.map((it) => {
    if (it.apiVersion !== group || it.kind !== "StagedGlobalNetworkPolicy") return it;
    if (isStagedDelete(it)) return it;
    const spec = Object.fromEntries(Object.entries(it.spec ?? {}).filter(([key]) => key !== "stagedAction"));
    return { ...it, kind: "GlobalNetworkPolicy", spec };
  });
}

/** True for a staged policy that asks for its policy to be deleted. */
export function isStagedDelete({ kind, spec }: KubernetesObject): boolean {
  return kind === "StagedGlobalNetworkPolicy" && spec?.["stagedAction"] === "Delete";
}

/** Names of the policies that staged ones ask to delete. */
export function stagedDeletes(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.filter(isStagedDelete).map((it) => it.metadata.name);
}
