/**
 * What makes a flow essential, and how its other side is named.
 *
 * `lockout`: without it the node can no longer be governed or repaired from outside: its Felix, its kubelet or its network
 * stack lose the way back, and no write through the API can give it back (docs/calico.md 0, item 9).
 * `service`: without it the node can still be repaired through the API, but what runs on it breaks.
 * The guard withholds for both; the weight only decides how loudly it is said.
 */
export type EssentialFlow = {
  readonly id: string;
  /**
   * `local`: from the node to itself over `lo`. `own-pod`: from the node to a pod of its own. `pods-out` and `pods-in`: from
   * and to its pods, through the node.
   */
  readonly direction: "ingress" | "egress" | "local" | "own-pod" | "pods-out" | "pods-in";
  /** Blocks that pods' addresses are from; for `pods-out` and `pods-in`. */
  readonly pods?: readonly string[];
  readonly protocol: "tcp" | "udp" | "sctp" | "icmp" | "icmpv6" | 4;
  readonly port?: number;
  readonly icmp?: { readonly type: number; readonly code?: number };
  /** `related`: packets that belong to a connection, which connection tracking lets pass all but untracked policy. */
  readonly state?: "related";
  readonly peers: readonly Peers[];
  /** A Calico selector over Node labels; absent: every node. */
  readonly nodes?: string;
  /** Names of the nodes that need it; absent: every node. */
  readonly onNodes?: ReadonlySet<string>;
  /** A person asked for it: its addresses may be nodes, too. */
  readonly byUser?: true;
  readonly weight: "lockout" | "service";
  /** What breaks without it. */
  readonly reason: string;
  /** Where that is known from. */
  readonly source: string;
};

/** The other side of a flow. Addresses of a family that the node does not have do not count. */
export type Peers =
  /** Every one of these addresses and blocks must get through. `changing`: there may be others tomorrow, so no fix may name them. */
  | { readonly kind: "every"; readonly nets: readonly string[]; readonly changing?: true }
  /** It is one address in these blocks; which one is not known, so each of them must get through. */
  | { readonly kind: "one-of"; readonly nets: readonly string[] }
  /** Pods, somewhere in these blocks; which ones is not known. */
  | { readonly kind: "pods"; readonly nets: readonly string[] }
  /** Every other node of the cluster; of a tunnel only those that Calico knows at its other end, where it knows any. */
  | { readonly kind: "every-node"; readonly tunnel?: "IP-in-IP" | "VXLAN" }
  /** Some nodes of the cluster; which ones is not known. */
  | { readonly kind: "some-node" }
  /** The node itself, by its own address. */
  | { readonly kind: "self" };

/** True for what only passes through the node: forward policy decides, and no failsafe helps. */
export function isForwarded({ direction }: Pick<EssentialFlow, "direction">): boolean {
  return direction === "pods-out" || direction === "pods-in";
}

/** The peers that a fix may name: not those that may be others tomorrow, unless there are no others. */
export function lastingPeers({ peers }: Pick<EssentialFlow, "peers">): readonly Peers[] {
  const lasting = peers.filter((it) => it.kind !== "every" || it.changing !== true);
  return lasting.length === 0 ? peers : lasting;
}
