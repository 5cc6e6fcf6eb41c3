import type { Node } from "../../model/node.ts";
import type { GuardRequest } from "../rule.ts";

export type Health = { readonly kind: "healthy" } | { readonly kind: "sick"; readonly because: string };

/** A kubelet renews its lease every 10 s and is taken for lost after 40 s; twice that leaves room for clocks that differ. */
const LEASE_PATIENCE_SECONDS = 80;

/**
 * Is the node's kubelet alive? What this cannot see: established connections live on through connection tracking, so a
 * node that is cut off still looks healthy until it connects anew (calico-semantics 0, item 9; docs/safety.md).
 */
export function healthOf(node: Node, { snapshot }: Pick<GuardRequest, "snapshot">): Health {
  const sick = (because: string): Health => ({ kind: "sick", because: `canary Node/${node.name} ${because}` });
  if (node.ready !== "True") return sick(`is not Ready any more (${node.ready})`);
  const health = (snapshot.health ?? []).find((it) => it.node === node.name);
  if (health?.probe === "failed") return sick("does not answer a new connection to its kubelet");
  if (health?.leaseRenewedAt === undefined) return { kind: "healthy" };
  const age = (Date.parse(snapshot.takenAt) - Date.parse(health.leaseRenewedAt)) / 1000;
  if (age > LEASE_PATIENCE_SECONDS) return sick(`has not renewed its lease for ${Math.round(age)} s`);
  return { kind: "healthy" };
}
