import { CALICO_V1, CALICO_V3 } from "../model/calico-group.ts";
import { closestWord } from "../model/closest-word.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import { isAgent } from "../policy/agent/read-agent.ts";

const CALICO_KINDS = [
  "ClusterInformation",
  "FelixConfiguration",
  "GlobalNetworkPolicy",
  "GlobalNetworkSet",
  "HostEndpoint",
  "NetworkPolicy",
  "NetworkSet",
  "Profile",
  "StagedGlobalNetworkPolicy",
  "StagedKubernetesNetworkPolicy",
  "StagedNetworkPolicy",
  "Tier",
] as const;
const CORE_KINDS = ["Namespace", "Node", "Pod", "ServiceAccount"] as const;
const KNOWN: readonly string[] = [...CALICO_KINDS, ...CORE_KINDS];

/** Why an object does not decide, and what is to be done; `other-kind`: nothing, it is not meant to. */
export type Unused =
  | { readonly kind: "other-kind" }
  | { readonly kind: "misspelt"; readonly message: string; readonly fix: string };

/** `undefined` for an object that decides about verdicts. */
export function unusedBecause(object: KubernetesObject): Unused | undefined {
  if (decides(object)) return undefined;
  const { apiVersion, kind } = object;
  // A short word that is nearly another one is mostly a kind of its own.
  const meant = closestWord(kind, KNOWN, 9);
  // The same word in a group of somebody else is another thing.
  if (meant === undefined || !isOurs(apiVersion)) return { kind: "other-kind" };
  const group = groupFor(meant, apiVersion);
  // The format that calicoctl had in 2017.
  const isOldFormat = apiVersion === "v1" && group === CALICO_V3;
  return {
    kind: "misspelt",
    message: `it does not count: ${apiVersion.slice(0, 80)} has no kind ${kind}, so neither Calico nor this world reads it`,
    fix: `write it as apiVersion ${group}, kind ${meant}${isOldFormat ? " (calicoctl had another format before version 3: compare the fields too)" : ""}`,
  };
}

function groupFor(kind: string, apiVersion: string): string {
  if (CORE_KINDS.some((it) => it === kind)) return "v1";
  return apiVersion.startsWith("networking.k8s.io/") ? "networking.k8s.io/v1" : CALICO_V3;
}

function decides(object: KubernetesObject): boolean {
  const { apiVersion, kind } = object;
  if (apiVersion === CALICO_V1 || apiVersion === CALICO_V3) return CALICO_KINDS.some((it) => it === kind);
  if (apiVersion === "v1") return CORE_KINDS.some((it) => it === kind);
  if (/^(networking\.k8s\.io|extensions)\//.test(apiVersion)) return kind === "NetworkPolicy";
  return isAgent(object);
}

/** Groups in which somebody who means Calico, or Kubernetes itself, writes. */
function isOurs(apiVersion: string): boolean {
  return /^v\d/.test(apiVersion) || /calico/i.test(apiVersion) || /^networking\.k8s\.io\//.test(apiVersion);
}
