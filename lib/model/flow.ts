/** One new connection (or first packet) as seen by one node; the shape of docs/output.md, "simulate". */
export type Flow = {
  readonly id?: string;
  /** The node whose policing is asked about. */
  readonly node: string;
  /** `local` is host-local traffic over `lo`. */
  readonly direction: "ingress" | "egress" | "forward" | "local";
  /** Where it arrives (ingress, forward) or leaves (egress). Default: the node's main interface. */
  readonly interface?: string;
  /** Where forwarded traffic leaves. */
  readonly outInterface?: string;
  /** A name (tcp, udp, icmp, icmpv6, sctp, udplite) or a number. */
  readonly protocol: string | number;
  /** A missing port means any ephemeral port. */
  readonly source: FlowEnd;
  /** Before DNAT. */
  readonly destination: FlowEnd;
  /** After DNAT. */
  readonly dnat?: FlowEnd | null;
  readonly icmp?: { readonly type: number; readonly code?: number } | null;
};
export type FlowEnd = { readonly ip: string; readonly port?: number | null };
