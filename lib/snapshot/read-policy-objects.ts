import type { CalicoGroup } from "../model/calico-group.ts";
import type { JsonValue, KubernetesObject } from "../model/kubernetes-object.ts";
import type { PolicyObjects } from "../model/snapshot.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import { readAgentObjects } from "./read-agent-objects.ts";

/**
 * Reads what decides about host traffic: one list each of policies, tiers, Felix configurations and DaemonSets, and
 * of network sets only when some rule has a selector (a rule's selector resolves to their addresses,
 * docs/calico.md 7), or when they are always wanted: for those who ask what other rules would do.
 */
export async function readPolicyObjects(
  cluster: ClusterReader,
  group: CalicoGroup,
  signal: AbortSignal,
  networkSets: "as-needed" | "always" = "as-needed",
): Promise<PolicyObjects> {
  const list = (resource: string) => cluster.listObjects({ groupVersion: group, resource }, signal);
  const [globalNetworkPolicies, tiers, felixConfigurations, agents] = await Promise.all([
    list("globalnetworkpolicies"),
    list("tiers"),
    list("felixconfigurations"),
    readAgentObjects(cluster, signal),
  ]);
  const needsSets = networkSets === "always" || globalNetworkPolicies.some(hasRuleSelector);
  const [globalNetworkSets, sets] = needsSets
    ? await Promise.all([list("globalnetworksets"), list("networksets")])
    : ([[], undefined] as const);
  return {
    globalNetworkPolicies,
    tiers,
    globalNetworkSets,
    ...(sets === undefined ? {} : { networkSets: sets }),
    felixConfigurations,
    ...agents,
  };
}

function hasRuleSelector(policy: KubernetesObject): boolean {
  return ["ingress", "egress"].some((direction) => mentionsSelector(policy.spec?.[direction]));
}

function mentionsSelector(value: JsonValue | undefined): boolean {
  if (value === null || value === undefined || typeof value !== "object") return false;
  return Object.entries(value).some(([key, inner]) => /selector$/i.test(key) || mentionsSelector(inner));
}
