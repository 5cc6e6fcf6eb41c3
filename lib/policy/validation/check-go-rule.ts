import { parseCidr } from "../../address/parse-address.ts";
import type { Port } from "../rules/port.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import { printExpression } from "../selector/print-expression.ts";
import { tokenize } from "../selector/tokenize.ts";
import type { Complaint } from "./complaint.ts";
import { goField, goList, goText, type GoProtocol, type GoValue } from "./decode-go.ts";
import { protocolName, supportsPorts } from "./go-protocol.ts";
import { isBefore, type SchemaState } from "./schemas/schema-state.ts";

/** A rule of a policy, by Calico's own validator. What left it for the schemas is asked of earlier states alone. */
export function checkGoRule(state: SchemaState, rule: GoValue): Complaint[] {
  const complaints = [...checkPorts(state, rule), ...checkNets(rule)];
  if (isBefore(state, "master")) complaints.push(...checkEarlierRules(rule));
  return complaints;
}

/** Numbers need a protocol with ports. Names need one too up to 3.31, and must not contradict one later. */
function checkPorts(state: SchemaState, rule: GoValue): Complaint[] {
  const protocol = goField(rule, "protocol") as GoProtocol | undefined;
  const namesAreFree = protocol === undefined && !isBefore(state, "v3.32");
  const complaints: Complaint[] = [];
  for (const [end, side] of [
    ["source", "Source"],
    ["destination", "Destination"],
  ] as const) {
    for (const [key, name] of [
      ["ports", "Ports"],
      ["notPorts", "NotPorts"],
    ] as const) {
      const ports = goList(goField(rule, end), key) as readonly Port[];
      const bound = namesAreFree ? ports.filter(({ kind }) => kind === "range") : ports;
      if (bound.length > 0 && !supportsPorts(protocol))
        complaints.push({ field: `${side}.${name}`, reason: "ports need the protocol TCP, UDP or SCTP" });
    }
  }
  return complaints;
}

/** Nets must be CIDRs, of one family in the whole rule, and of the rule's ipVersion; a negated catch-all matches nothing. */
function checkNets(rule: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  const version = goField(rule, "ipVersion");
  const seen = new Set<4 | 6>();
  for (const [end, key, field] of [
    ["source", "nets", "Source.Nets"],
    ["source", "notNets", "Source.NotNets"],
    ["destination", "nets", "Destination.Nets"],
    ["destination", "notNets", "Destination.NotNets"],
  ] as const) {
    const own = new Set<4 | 6>();
    for (const entry of goList(goField(rule, end), key)) {
      const text = typeof entry === "string" ? entry : "";
      const network = parseCidr(text);
      if (network === undefined) {
        complaints.push({ field, reason: `${JSON.stringify(text)} is no CIDR` });
        continue;
      }
      own.add(network.family);
      const matchesAll = network.family === 6 ? network.prefix === 0 : text === "0.0.0.0/0";
      if (key === "notNets" && matchesAll) complaints.push({ field, reason: `not ${text} matches nothing` });
    }
    if (version !== undefined && [...own].some((family) => family !== version))
      complaints.push({ field, reason: "does not fit ipVersion" });
    if (
      own.size > 1 ||
      [...own].some((family) => seen.size > 0 && !seen.has(family)) ||
      (own.size > 0 && seen.size > 1)
    )
      complaints.push({ field, reason: "mixes IPv4 and IPv6 in one rule" });
    for (const family of own) seen.add(family);
  }
  return complaints;
}

/** Up to 3.32 the validator asks what the schemas ask later. */
function checkEarlierRules(rule: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  const wrong = (field: string, reason: string): void => void complaints.push({ field, reason });
  const protocol = goField(rule, "protocol") as GoProtocol | undefined;
  const notProtocol = goField(rule, "notProtocol") as GoProtocol | undefined;
  const version = goField(rule, "ipVersion");
  const http = goField(rule, "http");
  const name = protocolName(protocol);
  if (http !== undefined && protocol !== undefined && name !== "TCP")
    wrong("Protocol", "http needs the protocol TCP or none");
  if (goField(rule, "icmp") !== undefined && name !== "ICMP" && name !== "ICMPv6")
    wrong("ICMP", "icmp needs the protocol ICMP or ICMPv6");
  for (const [protocolOfVersion, family] of [
    ["ICMP", 4],
    ["ICMPv6", 6],
  ] as const) {
    const isNamed = name === protocolOfVersion || protocolName(notProtocol) === protocolOfVersion;
    if (isNamed && version !== undefined && version !== family)
      wrong("IPVersion", `${protocolOfVersion} needs ipVersion ${family}`);
  }
  if (http !== undefined && goText(rule, "action") !== "Allow") wrong("HTTP", "is only for Allow rules");
  const destination = goField(rule, "destination");
  if (goField(destination, "services") !== undefined) {
    if (goList(destination, "ports").length > 0)
      wrong("Destination.Ports", "ports cannot stand beside services");
    if (goList(destination, "notPorts").length > 0)
      wrong("Destination.NotPorts", "ports cannot stand beside services");
  }
  return complaints;
}

/** The source or destination of a rule. */
export function checkEntityRule(state: SchemaState, end: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  const namespaces = goText(end, "namespaceSelector");
  if (isBefore(state, "master") && goText(end, "selector").includes("global()"))
    complaints.push({ field: "Selector field", reason: "global() is only for namespaceSelector" });
  if (isBefore(state, "v3.31") ? combinesGlobal(namespaces) : holdsMoreThanGlobal(namespaces))
    complaints.push({ field: "NamespaceSelector field", reason: "global() must stand alone" });
  if (isBefore(state, "master")) complaints.push(...checkServices(end));
  return complaints;
}

/** Up to 3.29: `global()` beside `&&` or `||` in the selector as Calico prints it. */
function combinesGlobal(text: string): boolean {
  if (text === "") return false;
  const parsed = parseSelector(text, Number.POSITIVE_INFINITY);
  if (isSelectorError(parsed)) return false;
  return /(&&|\|\|) global\(\)|global\(\) (&&|\|\|)/.test(printExpression(parsed.expression, ""));
}

function holdsMoreThanGlobal(text: string): boolean {
  if (!text.includes("global(") || text === "global()") return false;
  const tokens = tokenize(text);
  return "message" in tokens || tokens.length > 2 || tokens[0]?.kind !== "global";
}

function checkServices(end: GoValue): Complaint[] {
  const services = goField(end, "services");
  if (services === undefined) return [];
  const wrong = (holds: boolean, reason: string): Complaint[] =>
    holds ? [{ field: "Services field", reason }] : [];
  const cannot = (what: string): string => `${what} cannot stand beside services`;
  return [
    ...wrong(goText(services, "name") === "", "services must name a service"),
    ...wrong(goText(end, "namespaceSelector") !== "", cannot("namespaceSelector")),
    ...wrong(goText(end, "selector") !== "" || goText(end, "notSelector") !== "", cannot("selectors")),
    ...wrong(goField(end, "serviceAccounts") !== undefined, cannot("serviceAccounts")),
    ...wrong(goList(end, "nets").length > 0 || goList(end, "notNets").length > 0, cannot("nets")),
  ];
}
