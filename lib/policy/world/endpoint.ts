import type { DesiredHostEndpoint, HostEndpoint } from "../../model/host-endpoint.ts";
import type { JsonValue } from "../../model/kubernetes-object.ts";
import { networkOf, parseAddress, type Address } from "../../address/parse-address.ts";
import { SKIPPED } from "../objects/read-metadata.ts";
import { SCTP, TCP, UDP, decodeProtocol, protocolNumber } from "../rules/protocol.ts";
import type { NamedPort } from "../rules/port.ts";
import type { Labels } from "../selector/parse-selector.ts";
import { hasInvalidLabels } from "../version/check-labels.ts";
import { NEWEST_RULES, type VersionRules } from "../version/version-rules.ts";
import { ascending } from "../../model/ascending.ts";
import type { LabelledAddresses } from "./labelled-addresses.ts";
import type { Profile } from "./profile.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** What Calico makes of a HostEndpoint object, before Felix's filter. */
export type EndpointFields = {
  /** Name inside the metadata annotation, when there is one. */
  readonly name: string;
  /** Name of the custom resource. */
  readonly storedName: string;
  readonly labels: Labels;
  readonly node: string;
  readonly interfaceName: string;
  readonly expectedIPs: readonly string[];
  readonly profiles: readonly string[];
  readonly ports: readonly JsonValue[];
  /** True: Calico skips the object. */
  readonly skipped: boolean;
};

/** A HostEndpoint that Felix keeps. */
export type Endpoint = LabelledAddresses & {
  readonly name: string;
  readonly storedName: string;
  readonly node: string;
  readonly interfaceName: string;
  readonly addresses: readonly Address[];
  readonly profiles: readonly string[];
};

/** Fields of a HostEndpoint of the model, observed or desired. */
export function endpointFieldsOfModel(endpoint: HostEndpoint | DesiredHostEndpoint): EndpointFields {
  return {
    name: "calicoName" in endpoint ? endpoint.calicoName : endpoint.name,
    storedName: endpoint.name,
    labels: new Map(Object.entries(endpoint.labels)),
    node: endpoint.node,
    interfaceName: endpoint.interfaceName,
    expectedIPs: endpoint.expectedIPs,
    profiles: endpoint.profiles,
    ports: "ports" in endpoint ? endpoint.ports : [],
    skipped: "skipped" in endpoint && endpoint.skipped !== undefined,
  };
}

const INTERFACE = /^(\*|[a-zA-Z0-9_.-]{1,15})$/;
const PROFILE = /^[a-zA-Z0-9_.-]{1,128}$/;
const PORT_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
const PORT_PROTOCOLS: ReadonlySet<number | undefined> = new Set([TCP, UDP, SCTP]);

/**
 * Felix's own last check of a HostEndpoint: the fields it objects to. One objection and the endpoint does not exist for
 * Felix, so the interface is not protected at all.
 * Source: docs/calico.md 17.1, 0 item 5; docs/calico-versions.md, correction 2.
 */
export function objectionsToEndpoint(
  fields: EndpointFields,
  { invalidLabels }: Pick<VersionRules, "invalidLabels"> = NEWEST_RULES,
): string[] {
  const objections: string[] = [];
  if (invalidLabels === "drop-object" && hasInvalidLabels(fields.labels)) objections.push("Labels");
  if (fields.node === "") objections.push("<convert>");
  if (fields.interfaceName !== "" && !INTERFACE.test(fields.interfaceName)) objections.push("Name");
  for (const [index, profile] of fields.profiles.entries()) {
    if (!PROFILE.test(profile)) objections.push(`ProfileIDs[${index}]`);
  }
  for (const port of fields.ports) objections.push(...objectionsToPort(port));
  return objections;
}

function objectionsToPort(port: JsonValue): string[] {
  if (!isJsonObject(port)) return ["Ports"];
  const objections: string[] = [];
  const { name, port: number, protocol } = port;
  if (typeof name !== "string" || !PORT_NAME.test(name)) objections.push("Name");
  if (typeof number !== "number" || number === 0) objections.push("Port");
  const decoded = decodeProtocol(protocol ?? null);
  // Only the names are accepted here: the number 6 passes the API and loses the whole endpoint.
  if (decoded === "undecodable") objections.push("EndpointPort.Protocol");
  else if (decoded.kind === "number" || !PORT_PROTOCOLS.has(protocolNumber(decoded)))
    objections.push("EndpointPort.Protocol");
  if (protocol === undefined || protocol === null) objections.push("Protocol");
  return objections;
}

/** The endpoint as Felix works with it, or why it does not. Labels of profiles are added to its own (docs/calico.md 3). */
export function compileEndpoint(
  fields: EndpointFields,
  profiles: ReadonlyMap<string, Profile>,
  rules: VersionRules,
): { readonly endpoint: Endpoint } | { readonly ignored: string } {
  if (fields.skipped) return { ignored: SKIPPED };
  const objections = objectionsToEndpoint(fields, rules);
  if (objections.length > 0) return { ignored: `Felix drops it because of ${objections.join(", ")}` };
  const addresses = fields.expectedIPs.flatMap((text) => parseAddress(text) ?? []);
  return {
    endpoint: {
      name: fields.name,
      storedName: fields.storedName,
      node: fields.node,
      interfaceName: fields.interfaceName,
      addresses,
      networks: addresses.map(networkOf),
      profiles: fields.profiles,
      ports: fields.ports.flatMap(namedPort),
      labels: inheritLabels(fields, profiles),
    },
  };
}

function inheritLabels(fields: EndpointFields, profiles: ReadonlyMap<string, Profile>): Labels {
  const inherited = fields.profiles
    .map((name) => profiles.get(name)?.labels)
    .filter((labels) => labels?.size);
  if (inherited.length === 0) return fields.labels;
  const labels = new Map(fields.labels);
  for (const profile of inherited)
    for (const [key, value] of profile ?? []) if (!labels.has(key)) labels.set(key, value);
  return labels;
}

function namedPort(port: JsonValue): NamedPort[] {
  if (!isJsonObject(port)) return [];
  const { name, port: number, protocol } = port;
  const decoded = decodeProtocol(protocol ?? null);
  const wire = decoded === "undecodable" ? undefined : protocolNumber(decoded);
  return typeof name === "string" && typeof number === "number" && wire !== undefined
    ? [{ name, port: number, protocol: wire }]
    : [];
}

/** Felix's order among endpoints of a node: byte order of the names. */
export const compareEndpoints = ascending<Endpoint>(
  (it) => it.name,
  (it) => it.storedName,
);
