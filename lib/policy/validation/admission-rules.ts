import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { parseAddress } from "../../address/parse-address.ts";
import type { JsonRecord } from "../objects/decode-fields.ts";
import type { Complaint } from "./check-schema.ts";
import { isJsonObject } from "../../model/read-json.ts";

/**
 * The rules that Calico's CRDs carry beside their schemas (CEL), enforced by the API server for both groups. An absent,
 * null or empty field is the same for nearly all of them.
 * Source: the CRDs of Calico, docs/calico.md 17.
 */
export function checkAdmissionRules(object: KubernetesObject): Complaint[] {
  const spec = object.spec ?? {};
  switch (object.kind) {
    case "HostEndpoint":
      return [
        ...unless(
          size(spec["interfaceName"]) > 0 || size(spec["expectedIPs"]) > 0,
          "spec",
          "needs interfaceName or expectedIPs",
        ),
        ...unless(size(spec["node"]) > 0, "spec", "node must be specified"),
      ];
    case "GlobalNetworkPolicy":
    case "StagedGlobalNetworkPolicy":
      return [...checkPolicyFlags(spec), ...checkSelectors(spec), ...checkRules(spec)];
    case "NetworkPolicy":
    case "StagedNetworkPolicy":
      return [...checkSelectors(spec), ...checkRules(spec)];
    case "Tier":
      return checkTier(object.metadata.name, spec);
    case "FelixConfiguration":
      return checkFelixConfiguration(object.metadata.name, spec);
    default:
      return [];
  }
}

function checkPolicyFlags(spec: JsonRecord): Complaint[] {
  const doNotTrack = spec["doNotTrack"] === true;
  const preDNAT = spec["preDNAT"] === true;
  const types = Array.isArray(spec["types"]) ? spec["types"] : [];
  return [
    ...unless(!(doNotTrack && preDNAT), "spec", "preDNAT and doNotTrack cannot both be true"),
    ...unless(!preDNAT || size(spec["egress"]) === 0, "spec", "a preDNAT policy cannot have egress rules"),
    ...unless(!preDNAT || !types.includes("Egress"), "spec", "a preDNAT policy cannot have the type Egress"),
    ...unless(
      spec["applyOnForward"] === true || !(doNotTrack || preDNAT),
      "spec",
      "applyOnForward must be true with preDNAT or doNotTrack",
    ),
  ];
}

function checkSelectors(spec: JsonRecord): Complaint[] {
  return ["selector", "serviceAccountSelector", "namespaceSelector"].flatMap((key) =>
    unless(
      !holdsGlobal(spec[key]),
      "spec",
      `global() is only for the namespaceSelector of a rule, not for ${key}`,
    ),
  );
}

function checkRules(spec: JsonRecord): Complaint[] {
  return (["ingress", "egress"] as const).flatMap((key) => {
    const rules = spec[key];
    return Array.isArray(rules)
      ? rules.flatMap((rule, index) => (isJsonObject(rule) ? checkRule(rule, `spec.${key}[${index}]`) : []))
      : [];
  });
}

function checkRule(rule: JsonRecord, path: string): Complaint[] {
  const { protocol, notProtocol, http, icmp, ipVersion } = rule;
  const destination = record(rule["destination"]);
  const isProtocol = (value: JsonValue | undefined, name: string, number: number): boolean =>
    value === name || value === number;
  const version = (value: JsonValue | undefined): Complaint[] => [
    ...unless(
      !isProtocol(value, "ICMP", 1) || isAbsent(ipVersion) || ipVersion === 4,
      path,
      "protocol ICMP requires ipVersion 4",
    ),
    ...unless(
      !isProtocol(value, "ICMPv6", 58) || isAbsent(ipVersion) || ipVersion === 6,
      path,
      "protocol ICMPv6 requires ipVersion 6",
    ),
  ];
  return [
    ...unless(
      isAbsent(http) || isAbsent(protocol) || isProtocol(protocol, "TCP", 6),
      path,
      "http needs protocol TCP or none",
    ),
    ...unless(rule["action"] === "Allow" || isAbsent(http), path, "http is only valid on Allow rules"),
    ...unless(
      isAbsent(destination["services"]) ||
        (size(destination["ports"]) === 0 && size(destination["notPorts"]) === 0),
      path,
      "ports cannot stand beside services",
    ),
    ...unless(
      isAbsent(icmp) || isProtocol(protocol, "ICMP", 1) || isProtocol(protocol, "ICMPv6", 58),
      path,
      "icmp needs protocol ICMP or ICMPv6",
    ),
    ...version(protocol),
    ...version(notProtocol),
    ...checkIcmp(record(icmp), `${path}.icmp`),
    ...checkIcmp(record(rule["notICMP"]), `${path}.notICMP`),
    ...checkEnd(record(rule["source"]), `${path}.source`),
    ...checkEnd(destination, `${path}.destination`),
  ];
}

function checkIcmp(icmp: JsonRecord, path: string): Complaint[] {
  return unless(isAbsent(icmp["code"]) || !isAbsent(icmp["type"]), path, "an ICMP code needs an ICMP type");
}

function checkEnd(end: JsonRecord, path: string): Complaint[] {
  const complaints = unless(!holdsGlobal(end["selector"]), path, "global() is only for namespaceSelector");
  const { services } = end;
  if (isAbsent(services)) return complaints;
  const empty = (...keys: string[]): boolean => keys.every((key) => size(end[key]) === 0);
  return [
    ...complaints,
    ...unless(empty("namespaceSelector"), path, "namespaceSelector cannot stand beside services"),
    ...unless(isAbsent(end["serviceAccounts"]), path, "serviceAccounts cannot stand beside services"),
    ...unless(size(record(services)["name"]) > 0, path, "services must name a service"),
    ...unless(empty("selector", "notSelector"), path, "selectors cannot stand beside services"),
    ...unless(empty("nets", "notNets"), path, "nets cannot stand beside services"),
  ];
}

/** Built-in tiers keep their order and their default action. */
const BUILT_IN_TIERS: Readonly<Record<string, { readonly order: number; readonly action: string }>> = {
  "kube-admin": { order: 1_000, action: "Pass" },
  default: { order: 1_000_000, action: "Deny" },
  "kube-baseline": { order: 10_000_000, action: "Pass" },
};

function checkTier(name: string, spec: JsonRecord): Complaint[] {
  const given = spec["defaultAction"];
  // The schema of this field is written as two lists that must both hold, and the API server says so at the top.
  if (!isAbsent(given) && given !== "Pass" && given !== "Deny") {
    return [{ field: "<root>", reason: "must validate all the schemas" }];
  }
  const builtIn = Object.hasOwn(BUILT_IN_TIERS, name) ? BUILT_IN_TIERS[name] : undefined;
  if (builtIn === undefined) return [];
  // The API server fills in the default action before it checks.
  const action = isAbsent(spec["defaultAction"]) ? "Deny" : spec["defaultAction"];
  return [
    ...unless(
      action === builtIn.action,
      "<root>",
      `the tier ${name} must have the default action ${builtIn.action}`,
    ),
    ...unless(
      spec["order"] === builtIn.order,
      "<root>",
      `the order of the tier ${name} must be ${builtIn.order}`,
    ),
  ];
}

function checkFelixConfiguration(name: string, spec: JsonRecord): Complaint[] {
  const single = name === "default" || name.startsWith("node.");
  const range = record(spec["routeTableRange"]);
  const ranges = Array.isArray(spec["routeTableRanges"]) ? spec["routeTableRanges"].map(record) : [];
  const number = (value: JsonValue | undefined): number => (typeof value === "number" ? value : Number.NaN);
  const inFamily = (key: string, family: 4 | 6): Complaint[] => {
    const text = spec[key];
    const fits = typeof text !== "string" || text === "" || parseAddress(text)?.family === family;
    return unless(fits, "spec", `${key} must be an IPv${family} address`);
  };
  return [
    ...unless(
      !single || isAbsent(spec["nodeSelector"]),
      "<root>",
      "nodeSelector is not for `default` and `node.…`",
    ),
    ...unless(
      isAbsent(spec["routeTableRange"]) ||
        (number(range["min"]) >= 1 &&
          number(range["max"]) >= number(range["min"]) &&
          number(range["max"]) <= 250),
      "spec.routeTableRange",
      "must be a range within 1 to 250",
    ),
    ...ranges.flatMap((entry, index) => [
      ...unless(number(entry["min"]) >= 1, `spec.routeTableRanges[${index}]`, "min must be at least 1"),
      ...unless(
        number(entry["min"]) <= number(entry["max"]),
        `spec.routeTableRanges[${index}]`,
        "min must not exceed max",
      ),
    ]),
    ...unless(
      isAbsent(spec["routeTableRange"]) || isAbsent(spec["routeTableRanges"]),
      "spec",
      "routeTableRange excludes routeTableRanges",
    ),
    ...inFamily("natOutgoingAddress", 4),
    ...inFamily("deviceRouteSourceAddress", 4),
    ...inFamily("deviceRouteSourceAddressIPv6", 6),
  ];
}

function unless(holds: boolean, field: string, reason: string): Complaint[] {
  return holds ? [] : [{ field, reason }];
}

function holdsGlobal(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value.includes("global(");
}

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null;
}

function size(value: JsonValue | undefined): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}

function record(value: JsonValue | undefined): JsonRecord {
  return isJsonObject(value) ? value : {};
}
