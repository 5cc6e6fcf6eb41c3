import type { JsonValue } from "../../model/kubernetes-object.ts";

/** Fields of a FelixConfiguration that decide verdicts (docs/calico.md 13). */
export const DECIDING_FIELDS = [
  "failsafeInboundHostPorts",
  "failsafeOutboundHostPorts",
  "defaultEndpointToHostAction",
  "interfacePrefix",
  "interfaceExclude",
  "disableConntrackInvalidCheck",
  "bpfEnabled",
  "bpfDataIfacePattern",
  "bpfConnectTimeLoadBalancing",
  "bpfHostNetworkedNATWithoutCTLB",
  "nftablesMode",
  "vxlanEnabled",
  "vxlanPort",
  "ipipEnabled",
  "wireguardEnabled",
  "wireguardEnabledV6",
  "wireguardListeningPort",
  "wireguardListeningPortV6",
] as const;

/** What Felix calls a field, in any case: `ipipEnabled` is `IpInIpEnabled` there, all others keep their name. */
export function parameterOf(field: string): string {
  return field === "ipipEnabled" ? "IpInIpEnabled" : field;
}

/** A text of the environment or of an annotation: Felix's own spellings of yes and no, in any case; numbers as numbers. */
export function readParameter(field: string, text: string): JsonValue {
  if (/(Enabled|EnabledV6|Check)$/.test(field)) return /^(true|1|yes|y|t)$/i.test(text);
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}
