import type { Node } from "../model/node.ts";
import type { RolloutMark } from "../model/rollout.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** `unsure`: nothing speaks against the node, and nothing proves it; the trial goes on. */
export type Health =
  | { readonly kind: "healthy" }
  | { readonly kind: "unsure" }
  | { readonly kind: "sick"; readonly because: string };

/** A lease is renewed every 10 s; so long after it has run out (it lasts 40 s) its kubelet is taken for lost. */
const PATIENCE_SECONDS = 40;

/** A machine that is taken out of service stops being Ready in the normal course of things. */
const LEAVING_TAINTS = new Set([
  "karpenter.sh/disrupted",
  "karpenter.sh/disruption",
  "ToBeDeletedByClusterAutoscaler",
  "node.cloudprovider.kubernetes.io/shutdown",
  "node.kubernetes.io/out-of-service",
]);

/**
 * Is the kubelet of a canary alive, and was it seen alive after the write? What this cannot see: established connections
 * live on through connection tracking, so a node that is cut off still looks healthy until it connects anew
 * (docs/calico.md 0, item 9; docs/safety.md).
 */
export function healthOf(
  node: Node,
  mark: RolloutMark,
  snapshot: Pick<Snapshot, "health" | "takenAt">,
): Health {
  const sick = (because: string): Health => ({
    kind: "sick",
    because: `canary Node/${node.name} ${because}`,
  });
  if (node.deleting || node.taints.some((it) => LEAVING_TAINTS.has(it.key))) return { kind: "unsure" };
  if (node.ready !== "True") return sick(`is not Ready any more (${node.ready})`);
  const health = snapshot.health?.find((it) => it.node === node.name);
  if (health === undefined) return { kind: "unsure" };
  if (health.probe === "failed") return sick("does not answer a new connection to its kubelet");
  const renewed = health.leaseRenewedAt;
  const age = secondsBetween(renewed ?? mark.since, snapshot.takenAt);
  const lasts = health.leaseSeconds ?? 40;
  if (health.unreadable === undefined && age > lasts + PATIENCE_SECONDS)
    return sick(`has not renewed its lease for ${Math.round(age)} s`);
  if (health.unreadable !== undefined || renewed === undefined) return { kind: "unsure" };
  return age <= lasts && secondsBetween(mark.since, renewed) > 0 ? { kind: "healthy" } : { kind: "unsure" };
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
