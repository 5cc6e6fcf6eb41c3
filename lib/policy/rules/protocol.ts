import type { JsonValue } from "../../model/kubernetes-object.ts";

/** A protocol as Calico's type `numorstring.Protocol` decodes it: a number, or a name in lower case. */
export type Protocol =
  { readonly kind: "number"; readonly number: number } | { readonly kind: "name"; readonly name: string };

const NUMBERS = new Map([
  ["tcp", 6],
  ["udp", 17],
  ["icmp", 1],
  ["icmpv6", 58],
  ["sctp", 132],
  ["udplite", 136],
]);

export const ICMP = 1;
export const IPIP = 4;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;
export const SCTP = 132;
export const UDP_LITE = 136;

/**
 * Decodes a protocol field. A numeric string becomes a number; a number outside 0..255 is `undecodable`, which freezes
 * every update of that kind in Felix. Source: docs/calico.md 6, 0 item 11.
 */
export function decodeProtocol(value: JsonValue): Protocol | "undecodable" {
  if (value === null) return { kind: "number", number: 0 };
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 && value <= 255
      ? { kind: "number", number: value }
      : "undecodable";
  }
  if (typeof value !== "string") return "undecodable";
  if (/^[0-9]+$/.test(value) && Number(value) <= 255) return { kind: "number", number: Number(value) };
  return { kind: "name", name: value.toLowerCase() };
}

/** The number on the wire; `undefined` for a name that Felix does not know. */
export function protocolNumber(protocol: Protocol): number | undefined {
  return protocol.kind === "number" ? protocol.number : NUMBERS.get(protocol.name);
}

/** The number of a protocol name in any case, or of a number. */
export function protocolNumberOf(value: string | number): number | undefined {
  const decoded = decodeProtocol(value);
  return decoded === "undecodable" ? undefined : protocolNumber(decoded);
}

/** True when rules may name ports with this protocol (docs/calico.md 17.2). */
export function protocolHasRulePorts(protocol: Protocol): boolean {
  const number = protocolNumber(protocol);
  return number === TCP || number === UDP || number === SCTP;
}
