import type { Address } from "../../address/parse-address.ts";
import { ICMP, ICMPV6 } from "../rules/protocol.ts";

/** The first packet of a connection at one point of its way. */
export type Packet = {
  readonly protocol: number;
  readonly source: Address;
  /** `undefined`: any ephemeral port, or a protocol without ports. */
  readonly sourcePort: number | undefined;
  readonly destination: Address;
  readonly destinationPort: number | undefined;
  readonly icmpType: number | undefined;
  readonly icmpCode: number | undefined;
};

/** Linux's own range for ports that nobody chose. */
export const EPHEMERAL_PORTS = { first: 32_768, last: 60_999 } as const;

/** ICMP requests that Linux's connection tracking takes as the start of something. */
const ICMP_STARTERS: ReadonlySet<number> = new Set([8, 13, 15, 17]);
const ICMPV6_STARTERS: ReadonlySet<number> = new Set([128, 139]);
/** Neighbour discovery and multicast listener messages, which Linux does not track. */
const ICMPV6_UNTRACKED: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/**
 * How connection tracking sees a first packet. ICMP answers and errors that belong to nothing known are `invalid`,
 * and every tracked Calico chain starts by dropping those (docs/calico.md 10, step 1; observed in test/oracle/verdicts.jsonl).
 */
export function conntrackState(packet: Packet): "new" | "invalid" | "untracked" {
  const type = packet.icmpType;
  if (type === undefined) return "new";
  if (packet.protocol === ICMP) return ICMP_STARTERS.has(type) ? "new" : "invalid";
  if (packet.protocol !== ICMPV6) return "new";
  if (ICMPV6_UNTRACKED.has(type)) return "untracked";
  return ICMPV6_STARTERS.has(type) ? "new" : "invalid";
}

/** The packet that answers. */
export function replyPacket(packet: Packet): Packet {
  const answers = new Map([
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
    [128, 129],
  ]);
  return {
    ...packet,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    icmpType: packet.icmpType === undefined ? undefined : (answers.get(packet.icmpType) ?? packet.icmpType),
  };
}
