/**
 * Calico's own validator, which calicoctl and the aggregated API server ask and raw writes bypass: it walks a decoded struct,
 * applies the rules in the tags of its fields, then the rules of the struct as a whole.
 *
 * In: a struct of the tables and its value. Out: complaints, with the names that Calico's messages have.
 * Source: schemas/go-types.json (the tags of each version); the semantics of the validator package that Calico uses.
 */
import { parseAddress, parseNetwork } from "../../address/parse-address.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import { isKubernetesPortName } from "../rules/port.ts";
import { checkGoStruct } from "./check-go-structs.ts";
import { isLabelValue, isName, isQualifiedName } from "./check-metadata.ts";
import type { Complaint } from "./complaint.ts";
import { isGoRecord, type GoRecord, type GoValue } from "./decode-go.ts";
import { isGoPattern } from "./go-pattern.ts";
import { goFieldsOf, type GoType } from "./schemas/go-types.ts";
import type { SchemaState } from "./schemas/schema-state.ts";

const EMPTY: GoRecord = { kind: "record", fields: new Map() };

/** What the validator of that version says about a struct. */
export function checkGoTags(state: SchemaState, struct: string, record: GoRecord): Complaint[] {
  const complaints = goFieldsOf(state, struct).flatMap((field) =>
    checkField(state, field.name, field.type, record.fields.get(field.json), field.rules, false),
  );
  return [...complaints, ...checkGoStruct(state, struct, record)];
}

function checkField(
  state: SchemaState,
  name: string,
  type: GoType,
  value: GoValue,
  rules: readonly string[],
  isPointer: boolean,
): Complaint[] {
  switch (type.kind) {
    case "pointer":
      return value === undefined ? [] : checkField(state, name, type.to, value, rules, true);
    case "struct":
      return checkGoTags(state, type.name, isGoRecord(value) ? value : EMPTY);
    case "protocol":
    case "port":
      return checkGoStruct(state, type.kind, value);
    case "duration":
    case "time":
    case "raw":
    case "dscp":
      return [];
    default:
      return checkPlain(state, name, type, value, rules, isPointer);
  }
}

function checkPlain(
  state: SchemaState,
  name: string,
  type: GoType,
  value: GoValue,
  rules: readonly string[],
  isPointer: boolean,
): Complaint[] {
  for (const [index, rule] of rules.entries()) {
    if (rule === "omitempty") {
      if (!isPointer && !hasValue(type, value)) return [];
    } else if (rule === "dive") {
      const entries = Array.isArray(value) ? (value as readonly GoValue[]) : [];
      const rest = rules.slice(index + 1);
      if (type.kind !== "slice") return [];
      return entries.flatMap((entry, at) => checkField(state, `${name}[${at}]`, type.to, entry, rest, false));
    } else if (!keepsRule(rule, value)) return [{ field: name, reason: `breaks Calico's rule \`${rule}\`` }];
  }
  return [];
}

/** Lists and maps have a value when they were given at all, empty or not. */
function hasValue(type: GoType, value: GoValue): boolean {
  if (type.kind === "slice" || type.kind === "strings-by-name") return value !== undefined;
  return value !== undefined && value !== "" && value !== 0 && value !== false;
}

function keepsRule(rule: string, value: GoValue): boolean {
  const [name = "", argument = ""] = rule.split("=");
  const check = CHECKS[name];
  return check === undefined || check(value, argument);
}

type Check = (value: GoValue, argument: string) => boolean;

const INTERFACE = /^[a-zA-Z0-9_.-]{1,15}$/;
const INTERFACE_FILTER = /^[a-zA-Z0-9:._+-]{1,15}$/;
const KEY_AND_VALUE = /^[\t\n\f\r ]*([A-Za-z0-9_]+)=([^\n]*)$/;

const CHECKS: Readonly<Record<string, Check>> = {
  name: texts(isName),
  interface: texts((text) => text === "*" || INTERFACE.test(text)),
  ifaceFilter: texts((text) => INTERFACE_FILTER.test(text)),
  ifaceFilterSlice: lists((text) => INTERFACE_FILTER.test(text)),
  portName: texts(isKubernetesPortName),
  prometheusHost: texts((text) => /^[a-zA-Z0-9:._+-]{1,64}$/.test(text)),
  selector: texts((text) => !isSelectorError(parseSelector(text, Number.POSITIVE_INFINITY))),
  regexp: texts(isGoPattern),
  routeSource: texts(isGoPattern),
  keyValueList: texts(
    (text) => text.trim() === "" || text.split(",").every((item) => item === "" || KEY_AND_VALUE.test(item)),
  ),
  ip: texts((text) => parseAddress(text) !== undefined),
  cidr: texts(isNetwork),
  cidrs: lists(isNetwork),
  net: texts((text) => text === "" || isStrictNetwork(text)),
  action: words("Allow", "Deny", "Log", "Pass"),
  stagedAction: words("Set", "Delete", "Learn", "Ignore"),
  policyType: words("Ingress", "Egress"),
  logLevel: words("Trace", "Debug", "Info", "Warning", "Error", "Fatal"),
  bpfLogLevel: words("Debug", "Info", "Off"),
  bpfServiceMode: words("Tunnel", "DSR"),
  acceptReturn: words("Accept", "Return"),
  dropAcceptReturn: words("Drop", "Accept", "Return"),
  dropReject: words("Drop", "Reject"),
  iptablesBackend: words("", "Auto", "NFT", "Legacy"),
  assignIPs: words("AllServices", "RequestedServicesOnly"),
  createDefaultHostEndpoint: words("Enabled", "Disabled"),
  ipVersion: (value) => value === 4 || value === 6,
  oneof: (value, argument) => argument.split(" ").includes(textOf(value)),
  gt: numbers((number, bound) => number > bound),
  gte: numbers((number, bound) => number >= bound),
  lt: numbers((number, bound) => number < bound),
  lte: numbers((number, bound) => number <= bound),
  unique: (value) => !Array.isArray(value) || new Set(value).size === value.length,
  labels: maps((key, text) => isQualifiedName(key) && isLabelValue(text)),
  bpfLogFilters: maps((key) => INTERFACE.test(key)),
};

function texts(check: (text: string) => boolean): Check {
  return (value) => check(textOf(value));
}

function lists(check: (text: string) => boolean): Check {
  // 3.31 and 3.32 ask this of a number (bpfExportBufferSizeMB), and crash on it.
  return (value) =>
    value === undefined ||
    (Array.isArray(value) && (value as readonly GoValue[]).every((entry) => check(textOf(entry))));
}

function maps(check: (key: string, text: string) => boolean): Check {
  return (value) =>
    !(value instanceof Map) ||
    [...(value as ReadonlyMap<string, string>)].every(([key, text]) => check(key, text));
}

function words(...known: readonly string[]): Check {
  return (value) => known.includes(textOf(value));
}

function numbers(check: (number: number, bound: number) => boolean): Check {
  return (value, argument) => check(typeof value === "number" ? value : 0, Number(argument));
}

function textOf(value: GoValue): string {
  return typeof value === "string" ? value : "";
}

/** An address or a network; Go reads the empty text as an address too. */
function isNetwork(text: string): boolean {
  return text === "" || parseNetwork(text) !== undefined;
}

/** An address, or a network without bits beyond its prefix. */
function isStrictNetwork(text: string): boolean {
  const network = parseNetwork(text);
  if (network === undefined) return false;
  const slash = text.indexOf("/");
  const own = parseAddress(slash < 0 ? text : text.slice(0, slash));
  return own !== undefined && own.family === network.family && own.value === network.first;
}
