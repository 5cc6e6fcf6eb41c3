import { isBrokenSelector } from "../selector/parse-selector.ts";
import type { VersionRules } from "../version/version-rules.ts";
import type { IcmpFields, Rule, RuleEnd } from "./decode-rule.ts";
import { isKubernetesPortName, type Port } from "./port.ts";
import { protocolHasRulePorts, protocolNumber, type Protocol } from "./protocol.ts";

/**
 * Felix's own last check of a rule: the fields it objects to. One objection removes the whole policy.
 * Source: docs/calico.md 17.2 ("Felix filter re-checks"), 0 items 5, 6 and 11; names as Felix prints them;
 * docs/calico-versions.md, correction 1.
 */
export function objectionsToRule(
  rule: Rule,
  { namedPortWithoutProtocol }: Pick<VersionRules, "namedPortWithoutProtocol">,
): string[] {
  const needsProtocol = namedPortWithoutProtocol === "drops-policy";
  const objections: string[] = [];
  if (rule.ipVersion !== undefined && rule.ipVersion !== 4 && rule.ipVersion !== 6)
    objections.push("IPVersion");
  if (isUnknown(rule.protocol)) objections.push("Protocol");
  if (isUnknown(rule.notProtocol)) objections.push("Protocol");
  objections.push(...objectionsToIcmp(rule.icmp, "ICMP"), ...objectionsToIcmp(rule.notIcmp, "NotICMP"));
  objections.push(...objectionsToEnd(rule.source, "Src", rule.protocol, needsProtocol));
  objections.push(...objectionsToEnd(rule.destination, "Dst", rule.protocol, needsProtocol));
  return objections;
}

function objectionsToEnd(
  end: RuleEnd,
  side: "Src" | "Dst",
  protocol: Protocol | undefined,
  needsProtocol: boolean,
): string[] {
  const objections: string[] = [];
  if (portsAreWrong(end.ports, protocol, needsProtocol)) objections.push(`${side}Ports`);
  if (portsAreWrong(end.notPorts, protocol, needsProtocol)) objections.push(`Not${side}Ports`);
  if (isBroken(end.selector)) objections.push(`${side}Selector`, `Original${side}Selector`);
  if (isBroken(end.notSelector)) objections.push(`Not${side}Selector`, `OriginalNot${side}Selector`);
  if (isBroken(end.namespaceSelector)) objections.push(`Original${side}NamespaceSelector`);
  if (isBroken(end.serviceAccounts?.selector ?? "")) objections.push(`Original${side}ServiceAccountSelector`);
  return [...objections, ...objectionsToPorts([...end.ports, ...end.notPorts])];
}

/** Numeric ports need a protocol with ports; names need none from 3.32 on, but must not contradict one. */
function portsAreWrong(
  ports: readonly Port[],
  protocol: Protocol | undefined,
  needsProtocol: boolean,
): boolean {
  if (ports.length === 0) return false;
  if (protocol === undefined) return needsProtocol || ports.some(({ kind }) => kind === "range");
  return !protocolHasRulePorts(protocol);
}

function objectionsToPorts(ports: readonly Port[]): string[] {
  return ports.flatMap((port) => {
    if (port.kind === "range") return port.first < 1 ? ["Port"] : [];
    return isKubernetesPortName(port.name) ? [] : ["PortName"];
  });
}

function isUnknown(protocol: Protocol | undefined): boolean {
  if (protocol === undefined) return false;
  const number = protocolNumber(protocol);
  return number === undefined || number === 0;
}

function objectionsToIcmp(icmp: IcmpFields | undefined, name: string): string[] {
  const objections: string[] = [];
  if (icmp?.type !== undefined && (icmp.type < 0 || icmp.type > 254)) objections.push(`${name}Type`);
  if (icmp?.code !== undefined && (icmp.code < 0 || icmp.code > 255)) objections.push(`${name}Code`);
  return objections;
}

function isBroken(selector: string): boolean {
  return selector !== "" && isBrokenSelector(selector);
}
