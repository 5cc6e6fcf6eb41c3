import type { JsonValue } from "../../model/kubernetes-object.ts";
import { parseNetwork } from "../../address/parse-address.ts";
import { FAILSAFE_FIELDS, parseFailsafes } from "../felix/felix-settings.ts";
import type { JsonRecord } from "../objects/decode-fields.ts";
import { decodePort } from "../rules/port.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import type { Complaint } from "./check-schema.ts";

/** A FelixConfiguration by Calico's own validator. Source: docs/calico.md 17; test/oracle/validation.jsonl. */
export function validateFelixConfiguration(spec: JsonRecord): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (field: string, reason: string): void => void complaints.push({ field, reason });
  const { nodeSelector, externalNodesList, kubeNodePortRanges, openstackRegion } = spec;
  if (typeof nodeSelector === "string" && isSelectorError(parseSelector(nodeSelector)))
    complain("NodeSelector", "cannot be parsed");
  if (
    Array.isArray(externalNodesList) &&
    externalNodesList.some((net) => typeof net !== "string" || parseNetwork(net)?.family !== 4)
  ) {
    complain("ExternalNodesCIDRList", "must hold IPv4 networks");
  }
  if (Array.isArray(kubeNodePortRanges)) {
    const ports = (kubeNodePortRanges as readonly JsonValue[]).map((value) => decodePort(value));
    if (ports.length > 7 || ports.some((port) => port !== "undecodable" && port.kind === "name")) {
      complain("KubeNodePortRanges", "must hold at most 7 numeric ranges");
    }
    if (ports.some((port) => port !== "undecodable" && port.kind === "range" && port.first < 1))
      complain("Port", "must be from 1 to 65535");
  }
  for (const key of ["wireguardListeningPort", "wireguardListeningPortV6"] as const) {
    const port = spec[key];
    if (typeof port === "number" && (port < 1 || port > 65_535))
      complain(`${key.slice(0, 1).toUpperCase()}${key.slice(1)}`, "must be from 1 to 65535");
  }
  if (
    typeof openstackRegion === "string" &&
    openstackRegion !== "" &&
    !/^[a-z0-9]([-a-z0-9]{0,44}[a-z0-9])?$/.test(openstackRegion)
  ) {
    complain("OpenstackRegion", "must be a short DNS label");
  }
  return complaints;
}

/** Words that Felix takes, in any case, and without which it does not start. */
const FATAL_WORDS: Readonly<Record<string, readonly string[]>> = {
  defaultEndpointToHostAction: ["drop", "accept", "return"],
  iptablesFilterAllowAction: ["accept", "return"],
  iptablesMangleAllowAction: ["accept", "return"],
  iptablesFilterDenyAction: ["drop", "reject"],
  chainInsertMode: ["insert", "append"],
};
const INTERFACE_PREFIX = /^[a-zA-Z0-9:._+-]{1,15}$/;

/**
 * What keeps Felix from running with this configuration. `<panic>`: it crashes; `<felix config parse, fatal>`: it logs and
 * exits. Source: docs/calico.md 0 items 4 and 11; test/oracle/validation.jsonl.
 */
export function fatalForFelix(spec: JsonRecord): Complaint[] {
  const fatal = (reason: string): Complaint => ({ field: "<felix config parse, fatal>", reason });
  const complaints: Complaint[] = [];
  for (const field of Object.values(FAILSAFE_FIELDS)) {
    const parsed = parseFailsafes(spec[field]);
    if (parsed.kind === "panic") complaints.push({ field: "<panic>", reason: `${field}: ${parsed.message}` });
    if (parsed.kind === "error") complaints.push(fatal(`${field}: ${parsed.message}`));
  }
  for (const [field, words] of Object.entries(FATAL_WORDS)) {
    const value = spec[field];
    if (isText(value) && !words.includes(value.toLowerCase()))
      complaints.push(fatal(`${field}: ${value} is no option`));
  }
  const prefixes = spec["interfacePrefix"];
  if (isText(prefixes) && prefixes.split(",").some((prefix) => !INTERFACE_PREFIX.test(prefix.trim()))) {
    complaints.push(fatal(`interfacePrefix: ${prefixes} is no list of interface names`));
  }
  return complaints;
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}
