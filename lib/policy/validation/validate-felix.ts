/**
 * What keeps Felix from running with a FelixConfiguration: Calico turns each field into a text, annotations override the texts,
 * and Felix parses them. A few it must be able to parse.
 *
 * Source: docs/calico.md 0 items 4 and 11; schemas/go-types.json (parameters of each version); test/oracle/validation.jsonl.
 */
import type { JsonValue } from "../../model/kubernetes-object.ts";
import { parseNetwork } from "../../address/parse-address.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { FAILSAFE_FIELDS, parseFailsafes } from "../felix/felix-settings.ts";
import type { JsonRecord } from "../objects/decode-fields.ts";
import { MASTER, type CalicoVersion } from "../version/calico-version.ts";
import { isDnsLabel } from "./check-metadata.ts";
import type { Complaint } from "./complaint.ts";
import { felixParametersOf, goFieldsOf, type FelixParameter } from "./schemas/go-types.ts";
import { schemaStateOf } from "./schemas/schema-state.ts";

const OVERRIDE = "config.projectcalico.org/";
const INTERFACES = /^[a-zA-Z0-9_-]{1,15}(,[a-zA-Z0-9_-]{1,15})*$/;
const HOST_NAME = /^[a-zA-Z0-9_.-]+$/;
const FAILSAFES: ReadonlySet<string> = new Set(Object.values(FAILSAFE_FIELDS));

/**
 * What is fatal in a spec, or in the same fields as the environment gives them. Fields: `<panic>` (it crashes) or
 * `<felix config parse, fatal>` (it logs and exits); the reason begins with the field's name.
 */
export function fatalForFelix(
  spec: JsonRecord,
  version: CalicoVersion = MASTER,
  annotations: JsonRecord = {},
): Complaint[] {
  const state = schemaStateOf(version);
  const parameters = felixParametersOf(state);
  const overrides = overridesIn(annotations);
  const complaints: Complaint[] = [];
  for (const { json, parameter } of goFieldsOf(state, "FelixConfigurationSpec")) {
    const value = Object.hasOwn(spec, json) ? (spec[json] ?? null) : null;
    if (value === null || overrides.has(parameter)) continue;
    if (FAILSAFES.has(json)) complaints.push(...checkFailsafes(json, value));
    else complaints.push(...checkParameter(json, parameters.get(parameter.toLowerCase()), textOf(value)));
  }
  for (const [name, text] of overrides) {
    const parameter = parameters.get(name.toLowerCase());
    const field = `${OVERRIDE}${name}`;
    if (parameter?.parse === "port-list") complaints.push(...checkFailsafes(field, text));
    else complaints.push(...checkParameter(field, parameter, text));
  }
  const panics = complaints.filter(({ field }) => field === "<panic>");
  return panics.length > 0 ? panics : complaints;
}

/** `config.projectcalico.org/<parameter>`: stronger than the field, and checked by nobody before Felix. An empty one says nothing. */
function overridesIn(annotations: JsonRecord): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(annotations).flatMap(([key, value]): [string, string][] =>
      key.startsWith(OVERRIDE) && typeof value === "string" ? [[key.slice(OVERRIDE.length), value]] : [],
    ),
  );
}

function checkFailsafes(field: string, value: JsonValue): Complaint[] {
  const parsed = parseFailsafes(value);
  if (parsed.kind === "panic") return [{ field: "<panic>", reason: `${field}: ${parsed.message}` }];
  return parsed.kind === "error" ? [fatal(`${field}: ${parsed.message}`)] : [];
}

/** As Calico writes a field for Felix; only the shapes that a fatal parameter can have. */
function textOf(value: JsonValue): string {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(textOf).join(",");
  if (isJsonObject(value)) return `${rangeEnd(value["min"])}-${rangeEnd(value["max"])}`;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}

function rangeEnd(value: JsonValue | undefined): string {
  return typeof value === "number" ? String(value) : "0";
}

function checkParameter(field: string, parameter: FelixParameter | undefined, text: string): Complaint[] {
  if (parameter === undefined || text === "") return [];
  if (text.toLowerCase() === "none") return parameter.nonZero ? [fatal(`${field}: cannot be none`)] : [];
  const objection = parameter.parse === "" ? undefined : objectionTo(parameter.parse, text);
  return objection === undefined ? [] : [fatal(`${field}: ${JSON.stringify(text)} ${objection}`)];
}

function objectionTo(parse: string, text: string): string | undefined {
  const [, kind = "", argument = ""] = /^([^(]+)(?:\((.*)\))?$/.exec(parse) ?? [];
  switch (kind) {
    case "oneof":
      return argument.toLowerCase().split(",").includes(text.toLowerCase())
        ? undefined
        : `is no option (${argument.toLowerCase().replaceAll(",", ", ")})`;
    case "iface-list":
      return INTERFACES.test(text) ? undefined : "is no list of interface names";
    case "hostname":
      return HOST_NAME.test(text) ? undefined : "is no host name";
    case "region":
      return text.length <= 46 && isDnsLabel(text) ? undefined : "is no DNS label of at most 46 characters";
    case "int":
      return isPortNumber(text) ? undefined : "is no number from 0 to 65535";
    case "mark-bitmask":
      return hasMarkBits(text) ? undefined : "is no 32-bit mask with at least two bits";
    case "cidr-list":
      return text.split(",").every((net) => trimmed(net) === "" || parseNetwork(trimmed(net)) !== undefined)
        ? undefined
        : "is no list of networks";
    case "route-table-range":
      return isTableRange(text) ? undefined : "is no range within 1 to 250";
    case "route-table-ranges":
      return areTableRanges(text) ? undefined : "is no list of ranges of route tables";
    case "file":
      return argument.includes("must-exist") ? "is no program of the image calico/node" : undefined;
    default:
      return undefined;
  }
}

function trimmed(text: string): string {
  return text.replace(/^ +| +$/g, "");
}

/** A number as Go's base 0 reads it: decimal, `0x`, `0o` or a leading 0, `0b`. */
function readNumber(text: string): number {
  if (/^[+-]?(?:0|[1-9][0-9]*)$/.test(text) || /^0(?:x[0-9a-f]+|o[0-7]+|b[01]+)$/i.test(text))
    return Number(text);
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function isPortNumber(text: string): boolean {
  const number = readNumber(text);
  return number >= 0 && number <= 65_535;
}

function hasMarkBits(text: string): boolean {
  const mask = /^[+-]/.test(text) ? Number.NaN : readNumber(text);
  return mask <= 0xffff_ffff && mask.toString(2).replaceAll("0", "").length >= 2;
}

function isTableRange(text: string): boolean {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const [min, max] = [Number(first), Number(last)];
  return min >= 1 && max >= min && max <= 250;
}

function areTableRanges(text: string): boolean {
  let tables = 0;
  let count = 0;
  for (const [, first, last] of text.matchAll(/(\d+)-(\d+)/g)) {
    const [min, max] = [Number(first), Number(last)];
    count++;
    tables += max - min + 1;
    if (min <= 0 || min > max || max > 0xffff_ffff || tables > 0xffff) return false;
  }
  return count > 0;
}

function fatal(reason: string): Complaint {
  return { field: "<felix config parse, fatal>", reason };
}
