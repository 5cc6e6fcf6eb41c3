import { parseAddress, parseNetwork } from "../../address/parse-address.ts";
import type { Port } from "../rules/port.ts";
import { isKubernetesPortName } from "../rules/port.ts";
import { checkAnnotations, checkLabels, isDnsLabel, isName } from "./check-metadata.ts";
import { checkEntityRule, checkGoRule } from "./check-go-rule.ts";
import { checkPolicySpec, isPolicyKind } from "./check-go-policy.ts";
import type { Complaint } from "./complaint.ts";
import { goField, goList, goStrings, goText, type GoProtocol, type GoValue } from "./decode-go.ts";
import { protocolName, supportsPorts } from "./go-protocol.ts";
import { isBefore, type SchemaState } from "./schemas/schema-state.ts";

const PROTOCOLS: ReadonlySet<string> = new Set(["TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "UDPLite"]);
const SIMPLE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const POLICY_NAME = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const KUBERNETES_POLICY = /^(?:knp|ossg)\.default\.(.*)$/;

/**
 * The rules of a struct as a whole, beyond those of its fields.
 * Source: Calico's validator of each state (schemas/README.md); docs/calico.md 17.
 */
export function checkGoStruct(state: SchemaState, struct: string, value: GoValue): Complaint[] {
  if (isPolicyKind(struct)) return [...checkNamed(struct, value), ...checkPolicySpec(state, struct, value)];
  switch (struct) {
    case "ObjectMeta":
      return checkObjectMeta(value);
    case "Tier":
      return [...checkNamed(struct, value), ...checkTierOrder(state, value)];
    case "GlobalNetworkSet":
    case "NetworkSet":
      return goStrings(goField(value, "metadata"), "labels").has("projectcalico.org/namespace")
        ? [{ field: "Metadata.Labels (label)", reason: "projectcalico.org/namespace is Calico's own label" }]
        : [];
    case "HostEndpointSpec":
      return checkEndpoint(state, value);
    case "EndpointPort":
      return supportsPorts(goField(value, "protocol") as GoProtocol | undefined)
        ? []
        : [{ field: "EndpointPort.Protocol", reason: "must be TCP, UDP or SCTP" }];
    case "Rule":
      return checkGoRule(state, value);
    case "EntityRule":
      return checkEntityRule(state, value);
    case "ICMPFields":
      return isBefore(state, "master") &&
        goField(value, "code") !== undefined &&
        goField(value, "type") === undefined
        ? [{ field: "Code", reason: "needs a type" }]
        : [];
    case "HTTPMatch":
      return checkHttp(value);
    case "RuleMetadata":
      return checkAnnotations(goStrings(value, "annotations"));
    case "Template":
      return isBefore(state, "master") ? [] : checkAnnotations(goStrings(value, "annotations"));
    case "FelixConfigurationSpec":
      return checkFelix(state, value);
    case "RouteTableRange":
      return checkRouteTableRange(value);
    case "RouteTableIDRange":
      return checkRouteTableIds(value);
    case "HealthTimeoutOverride":
      return checkHealthTimeout(value);
    case "protocol":
      return checkProtocol(value as GoProtocol | undefined);
    case "port":
      return checkPort(value as Port | undefined);
    default:
      return [];
  }
}

function checkObjectMeta(metadata: GoValue): Complaint[] {
  const name = goText(metadata, "name");
  const wrong =
    isName(name) && name.length <= 253
      ? []
      : [{ field: "Metadata.Name", reason: "must be a lower-case name of at most 253 characters" }];
  return [
    ...wrong,
    ...checkAnnotations(goStrings(metadata, "annotations")),
    ...checkLabels(goStrings(metadata, "labels")),
  ];
}

/** Policies and tiers, whose names are stricter. */
function checkNamed(kind: string, value: GoValue): Complaint[] {
  const name = goText(goField(value, "metadata"), "name");
  const [, rest] =
    kind.startsWith("Global") || kind.startsWith("StagedGlobal") ? [] : (KUBERNETES_POLICY.exec(name) ?? []);
  const fits =
    kind === "Tier"
      ? name.length <= 63 && SIMPLE_NAME.test(name)
      : name.length <= 253 && (POLICY_NAME.test(name) || (rest !== undefined && isName(rest)));
  return fits ? [] : [{ field: "Metadata.Name", reason: `no name for a ${kind}` }];
}

/** Orders of Calico's own tiers, as far as the validator and not the schema asks for them. */
const TIER_ORDERS: readonly (readonly [
  tier: string,
  order: number,
  from: SchemaState,
  before: SchemaState,
])[] = [
  ["default", 1_000_000, "v3.29", "master"],
  ["adminnetworkpolicy", 1_000, "v3.29", "v3.32"],
  ["baselineadminnetworkpolicy", 10_000_000, "v3.31", "v3.32"],
  ["kube-admin", 1_000, "v3.32", "master"],
  ["kube-baseline", 10_000_000, "v3.32", "master"],
];

function checkTierOrder(state: SchemaState, value: GoValue): Complaint[] {
  const name = goText(goField(value, "metadata"), "name");
  const order = goField(goField(value, "spec"), "order");
  return TIER_ORDERS.filter(
    ([tier, expected, from, before]) =>
      tier === name && !isBefore(state, from) && isBefore(state, before) && order !== expected,
  ).map(([tier, expected]) => ({
    field: "TierSpec.Order",
    reason: `the order of the tier ${tier} must be ${expected}`,
  }));
}

function checkEndpoint(state: SchemaState, spec: GoValue): Complaint[] {
  if (!isBefore(state, "master")) return [];
  const field = "InterfaceName";
  const complaints: Complaint[] = [];
  if (goText(spec, "interfaceName") === "" && goList(spec, "expectedIPs").length === 0)
    complaints.push({ field, reason: "there is neither an interface nor an expected address" });
  if (goText(spec, "node") === "") complaints.push({ field, reason: "there is no node" });
  return complaints;
}

function checkHttp(http: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  const methods = goList(http, "methods");
  if (new Set(methods.map((method) => method ?? "")).size < methods.length)
    complaints.push({ field: "Methods", reason: "has a method twice" });
  if (!goList(http, "paths").every(isHttpPath)) {
    complaints.push({
      field: "Paths",
      reason: "each needs exact or prefix, starting with / and without ?, # and blanks",
    });
  }
  return complaints;
}

function isHttpPath(path: GoValue): boolean {
  const given = [goText(path, "exact"), goText(path, "prefix")].filter((text) => text !== "");
  const [text = ""] = given;
  return given.length === 1 && text.startsWith("/") && !/[?# ]/.test(text);
}

function checkFelix(state: SchemaState, spec: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  const wrong = (field: string, reason: string): void => void complaints.push({ field, reason });
  const ranges = goList(spec, "kubeNodePortRanges") as readonly Port[];
  if (ranges.length > 7 || ranges.some(({ kind }) => kind === "name"))
    wrong("KubeNodePortRanges", "must hold at most 7 numeric ranges");
  if (goList(spec, "externalNodesList").some((net) => parseNetwork(textOf(net))?.family !== 4))
    wrong("ExternalNodesCIDRList", "must hold IPv4 networks");
  const region = goText(spec, "openstackRegion");
  if (region !== "" && (region.length > 46 || !isDnsLabel(region)))
    wrong("OpenstackRegion", "must be a DNS label of at most 46 characters");
  for (const [json, field, family] of [
    ["natOutgoingAddress", "NATOutgoingAddress", 4],
    ["deviceRouteSourceAddress", "DeviceRouteSourceAddress", 4],
    ["deviceRouteSourceAddressIPv6", "DeviceRouteSourceAddressIPv6", 6],
  ] as const) {
    const text = goText(spec, json);
    const given = parseAddress(text)?.family;
    if (text !== "" && (given === undefined || (isBefore(state, "master") && given !== family)))
      wrong(field, `must be an IPv${family} address`);
  }
  if (
    isBefore(state, "master") &&
    goField(spec, "routeTableRange") !== undefined &&
    goField(spec, "routeTableRanges") !== undefined
  )
    wrong("RouteTableRange", "excludes routeTableRanges");
  const tables = goList(spec, "routeTableRanges").reduce<number>(
    (sum, range) => sum + numberOf(range, "max") - numberOf(range, "min") + 1,
    0,
  );
  if (tables > 0xffff) wrong("RouteTableRanges", "names more than 65535 tables");
  return complaints;
}

function checkRouteTableRange(range: GoValue): Complaint[] {
  const [min, max] = [numberOf(range, "min"), numberOf(range, "max")];
  return min >= 1 && max >= min && max <= 250
    ? []
    : [{ field: "RouteTableRange", reason: "must be a range within 1 to 250" }];
}

function checkRouteTableIds(range: GoValue): Complaint[] {
  const [min, max] = [numberOf(range, "min"), numberOf(range, "max")];
  return min >= 1 && min <= max && max <= 0xffff_ffff
    ? []
    : [{ field: "RouteTableRange", reason: "must be a range within 1 to 4294967295" }];
}

function checkHealthTimeout(override: GoValue): Complaint[] {
  const complaints: Complaint[] = [];
  if (!/^[a-zA-Z0-9_ -]+$/.test(goText(override, "name")))
    complaints.push({
      field: "HealthTimeoutOverride.Name",
      reason: "must be letters, digits, _, - and blanks",
    });
  const timeout = goField(override, "timeout");
  if (typeof timeout === "bigint" && timeout < 0n)
    complaints.push({ field: "HealthTimeoutOverride.Timeout", reason: "must not be negative" });
  return complaints;
}

/** Calico's own spelling of a name, or a number from 1. */
function checkProtocol(protocol: GoProtocol | undefined): Complaint[] {
  const name = protocolName(protocol);
  const known =
    name === undefined
      ? protocol !== undefined && "number" in protocol && protocol.number !== 0
      : PROTOCOLS.has(name);
  return known ? [] : [{ field: "Protocol", reason: "is unknown, or not in Calico's spelling" }];
}

function checkPort(port: Port | undefined): Complaint[] {
  if (port?.kind === "name")
    return isKubernetesPortName(port.name)
      ? []
      : [{ field: "PortName", reason: `${port.name} is no Kubernetes port name` }];
  return port !== undefined && port.first >= 1 ? [] : [{ field: "Port", reason: "must be from 1 to 65535" }];
}

function numberOf(record: GoValue, json: string): number {
  const value = goField(record, json);
  return typeof value === "number" ? value : 0;
}

function textOf(value: GoValue): string {
  return typeof value === "string" ? value : "";
}
