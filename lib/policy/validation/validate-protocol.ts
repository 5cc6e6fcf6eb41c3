import type { JsonValue } from "../../model/kubernetes-object.ts";
import { decodeProtocol } from "../rules/protocol.ts";

const EXACT = new Set(["TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "UDPLite"]);
const WITH_PORTS = new Set(["TCP", "tcp", "UDP", "udp", "SCTP", "sctp"]);

/** A protocol as Calico's validator wants it: its own spelling, or a number from 1 to 255 (also as a string). */
export function isExactProtocol(value: JsonValue | undefined): boolean {
  const decoded = decodeProtocol(value ?? null);
  if (decoded === "undecodable") return false;
  if (decoded.kind === "number") return decoded.number > 0;
  return typeof value === "string" && EXACT.has(value);
}

/** True for TCP, UDP and SCTP: in upper or lower case (not mixed), or as a number. */
export function supportsPorts(value: JsonValue | undefined): boolean {
  const decoded = decodeProtocol(value ?? null);
  if (decoded === "undecodable") return false;
  if (decoded.kind === "number")
    return decoded.number === 6 || decoded.number === 17 || decoded.number === 132;
  return typeof value === "string" && WITH_PORTS.has(value);
}
