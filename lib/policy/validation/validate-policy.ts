import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { formatNetwork, parseCidr, parseNetwork } from "../../address/parse-address.ts";
import { newDecoder, type JsonRecord } from "../objects/decode-fields.ts";
import { decodeRule, type Rule, type RuleEnd } from "../rules/decode-rule.ts";
import { isKubernetesPortName, type Port } from "../rules/port.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import type { Complaint } from "./check-schema.ts";
import { isSubdomain } from "./check-metadata.ts";
import { isExactProtocol, supportsPorts } from "./validate-protocol.ts";
import { isJsonObject } from "../../model/read-json.ts";

/**
 * A Calico policy by Calico's own validator (calicoctl, aggregated API server), which raw writes bypass.
 * Source: docs/calico.md 17.2, 0 items 1 and 6.
 */
export function validatePolicy(object: KubernetesObject): Complaint[] {
  const spec = object.spec ?? {};
  const complaints: Complaint[] = [];
  const complain = (field: string, reason: string): void => void complaints.push({ field, reason });
  const { tier, types, performanceHints } = spec;
  if (typeof tier === "string" && tier !== "" && !isSubdomain(tier))
    complain("Tier", "must be a lower-case name");
  for (const [key, field] of [
    ["selector", "Selector"],
    ["namespaceSelector", "NamespaceSelector"],
    ["serviceAccountSelector", "ServiceAccountSelector"],
  ] as const) {
    if (isBroken(spec[key])) complain(field, "cannot be parsed");
  }
  if (Array.isArray(types) && new Set(types).size < types.length)
    complain("PolicySpec.Types", "has a type twice");
  if (Array.isArray(performanceHints)) {
    for (const [index, hint] of performanceHints.entries()) {
      if (hint !== "AssumeNeededOnEveryNode") complain(`PerformanceHints[${index}]`, "is unknown");
    }
  }
  for (const key of ["ingress", "egress"] as const) {
    const rules = spec[key];
    if (!Array.isArray(rules)) continue;
    for (const raw of rules) {
      if (isJsonObject(raw)) complaints.push(...validateRule(raw, decodeRule(newDecoder(), raw, "")));
    }
  }
  return complaints;
}

function validateRule(raw: JsonRecord, rule: Rule): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (field: string, reason: string): void => void complaints.push({ field, reason });
  if (!isAbsent(raw["protocol"]) && !isExactProtocol(raw["protocol"]))
    complain("Protocol", "is unknown, or not in Calico's spelling");
  if (!isAbsent(raw["notProtocol"]) && !isExactProtocol(raw["notProtocol"]))
    complain("Protocol", "is unknown, or not in Calico's spelling");
  for (const icmp of [rule.icmp, rule.notIcmp]) {
    if (icmp?.type !== undefined && (icmp.type < 0 || icmp.type > 254))
      complain("Type", "must be from 0 to 254");
    if (icmp?.code !== undefined && (icmp.code < 0 || icmp.code > 255))
      complain("Code", "must be from 0 to 255");
  }
  if (rule.ipVersion !== undefined && rule.ipVersion !== 4 && rule.ipVersion !== 6)
    complain("IPVersion", "must be 4 or 6");
  complaints.push(...validateNets(rule));
  for (const [side, end] of [
    ["Source", rule.source],
    ["Destination", rule.destination],
  ] as const) {
    complaints.push(...validatePorts(side, "Ports", end.ports, raw["protocol"]));
    complaints.push(...validatePorts(side, "NotPorts", end.notPorts, raw["protocol"]));
    complaints.push(...validateSelectors(end), ...validateServices(side, end));
  }
  return [...complaints, ...validateHttp(raw["http"])];
}

/** Nets must be strict CIDRs, of one family in the whole rule, and of the rule's ipVersion; a negated /0 matches nothing. */
function validateNets(rule: Rule): Complaint[] {
  const complaints: Complaint[] = [];
  const seen = new Set<4 | 6>();
  for (const [field, nets] of [
    ["Source.Nets", rule.source.nets],
    ["Source.NotNets", rule.source.notNets],
    ["Destination.Nets", rule.destination.nets],
    ["Destination.NotNets", rule.destination.notNets],
  ] as const) {
    const own = new Set<4 | 6>();
    for (const [index, text] of nets.entries()) {
      if (text !== "" && parseNetwork(text) === undefined)
        complaints.push({
          field: `${field.slice(field.indexOf(".") + 1)}[${index}]`,
          reason: `${text} is no network`,
        });
      const network = parseCidr(text);
      if (network === undefined || hasHostBits(text, formatNetwork(network)))
        complaints.push({ field, reason: `${JSON.stringify(text)} is no strict CIDR` });
      else own.add(network.family);
      if (field.includes("Not") && (text === "0.0.0.0/0" || text === "::/0"))
        complaints.push({ field, reason: `not ${text} matches nothing` });
    }
    if (rule.ipVersion !== undefined && [...own].some((family) => family !== rule.ipVersion))
      complaints.push({ field, reason: "does not fit ipVersion" });
    if (own.size > 1 || (own.size === 1 && seen.size > 0 && !seen.has([...own][0] ?? 4)))
      complaints.push({ field, reason: "mixes IPv4 and IPv6 in one rule" });
    for (const family of own) seen.add(family);
  }
  return complaints;
}

function hasHostBits(text: string, canonical: string): boolean {
  const host = parseNetwork(text.slice(0, text.indexOf("/")));
  const network = parseCidr(canonical);
  return host === undefined || network === undefined || host.first !== network.first;
}

function validatePorts(
  side: string,
  name: string,
  ports: readonly Port[],
  protocol: JsonValue | undefined,
): Complaint[] {
  const complaints: Complaint[] = [];
  if (ports.length > 0) {
    const wrong = isAbsent(protocol) ? ports.some((port) => port.kind === "range") : !supportsPorts(protocol);
    if (wrong) complaints.push({ field: `${side}.${name}`, reason: "ports need protocol TCP, UDP or SCTP" });
  }
  for (const port of ports) {
    if (port.kind === "range" && port.first < 1)
      complaints.push({ field: "Port", reason: "must be from 1 to 65535" });
    if (port.kind === "name" && !isKubernetesPortName(port.name))
      complaints.push({ field: "PortName", reason: `${port.name} is no Kubernetes port name` });
  }
  return complaints;
}

function validateSelectors(end: RuleEnd): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (field: string, reason: string): void => void complaints.push({ field, reason });
  if (isBroken(end.selector)) complain("Selector", "cannot be parsed");
  if (isBroken(end.notSelector)) complain("NotSelector", "cannot be parsed");
  if (isBroken(end.namespaceSelector)) complain("NamespaceSelector", "cannot be parsed");
  if (isBroken(end.serviceAccounts?.selector)) complain("Selector", "cannot be parsed");
  if (end.namespaceSelector.includes("global(") && end.namespaceSelector !== "global()") {
    complain("NamespaceSelector field", "global() must stand alone");
  }
  return complaints;
}

/** A service's addresses may be a source of ingress or a destination of egress, never the host's own side. */
function validateServices(side: string, end: RuleEnd): Complaint[] {
  return end.services && (end.ports.length > 0 || end.notPorts.length > 0)
    ? [{ field: `${side}.Services`, reason: "ports cannot stand beside services" }]
    : [];
}

function validateHttp(http: JsonValue | undefined): Complaint[] {
  if (!isJsonObject(http)) return [];
  const complaints: Complaint[] = [];
  const { methods, paths } = http;
  if (Array.isArray(methods) && new Set(methods).size < methods.length)
    complaints.push({ field: "Methods", reason: "has a method twice" });
  if (Array.isArray(paths) && (paths as readonly JsonValue[]).some((path) => !isHttpPath(path))) {
    complaints.push({
      field: "Paths",
      reason: "each needs exact or prefix, starting with / and without ?, # and blanks",
    });
  }
  return complaints;
}

function isHttpPath(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false;
  const { exact, prefix } = value;
  const given = [exact, prefix].filter((text) => typeof text === "string" && text !== "");
  const [text] = given;
  return given.length === 1 && typeof text === "string" && text.startsWith("/") && !/[?# ]/.test(text);
}

function isBroken(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "" && isSelectorError(parseSelector(value));
}

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null;
}
