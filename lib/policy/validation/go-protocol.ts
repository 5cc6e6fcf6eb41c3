import type { GoProtocol } from "./decode-go.ts";

const WITH_PORTS: ReadonlySet<string | number> = new Set([
  "TCP",
  "tcp",
  "UDP",
  "udp",
  "SCTP",
  "sctp",
  6,
  17,
  132,
]);

/** The name of a protocol as it was written; `undefined` for a number, and where there is none. */
export function protocolName(protocol: GoProtocol | undefined): string | undefined {
  return protocol !== undefined && "text" in protocol ? protocol.text : undefined;
}

/** True for TCP, UDP and SCTP: in upper or lower case (not mixed), or as a number. */
export function supportsPorts(protocol: GoProtocol | undefined): boolean {
  if (protocol === undefined) return false;
  return WITH_PORTS.has("text" in protocol ? protocol.text : protocol.number);
}
