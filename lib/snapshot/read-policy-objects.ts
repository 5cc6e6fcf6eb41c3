import type { CalicoGroup } from "../model/calico-group.ts";
import { DeniedError } from "../model/errors.ts";
import type { JsonValue, KubernetesObject } from "../model/kubernetes-object.ts";
import type { PolicyObjects } from "../model/snapshot.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";

/** In every namespace: calico-system with the operator, kube-system with plain manifests. */
export const CALICO_NODES = { groupVersion: "apps/v1", resource: "daemonsets", named: "calico-node" };

/**
 * Reads what decides about host traffic: one list each of policies, tiers, Felix configurations and the DaemonSet
 * calico-node, and of network sets only when some rule has a selector (a rule's selector resolves to their addresses,
 * docs/calico.md 7).
 */
export async function readPolicyObjects(
  cluster: ClusterReader,
  group: CalicoGroup,
  signal: AbortSignal,
): Promise<PolicyObjects> {
  const list = (resource: string) => cluster.listObjects({ groupVersion: group, resource }, signal);
  const [globalNetworkPolicies, tiers, felixConfigurations, daemonSets] = await Promise.all([
    list("globalnetworkpolicies"),
    list("tiers"),
    list("felixconfigurations"),
    unlessDenied(cluster.listObjects(CALICO_NODES, signal)),
  ]);
  const needsSets = globalNetworkPolicies.some(hasRuleSelector);
  const [globalNetworkSets, networkSets] = needsSets
    ? await Promise.all([list("globalnetworksets"), list("networksets")])
    : ([[], undefined] as const);
  return {
    globalNetworkPolicies,
    tiers,
    globalNetworkSets,
    ...(networkSets === undefined ? {} : { networkSets }),
    felixConfigurations,
    ...(daemonSets === undefined ? {} : { daemonSets }),
  };
}

/** A role from before this was read must not stop the run; `doctor` names the missing permission. */
async function unlessDenied(
  reading: Promise<readonly KubernetesObject[]>,
): Promise<readonly KubernetesObject[] | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DeniedError) return undefined;
    throw error;
  }
}

function hasRuleSelector(policy: KubernetesObject): boolean {
  return ["ingress", "egress"].some((direction) => mentionsSelector(policy.spec?.[direction]));
}

function mentionsSelector(value: JsonValue | undefined): boolean {
  if (value === null || value === undefined || typeof value !== "object") return false;
  return Object.entries(value).some(([key, inner]) => /selector$/i.test(key) || mentionsSelector(inner));
}
