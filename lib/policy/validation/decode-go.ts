/**
 * Reads JSON the way Calico's components do: Go's decoder fills typed structs. Names of fields are found in any case (the exact
 * one first), unknown ones are skipped, null leaves a field as it is, and one value of a wrong type spoils the whole object.
 *
 * In: a value and a struct of the tables. Out: the value with the struct's own names and only what was given, or the problems.
 * Source: Go, encoding/json; schemas/go-types.json.
 */
import type { JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { decodePort, type Port } from "../rules/port.ts";
import { readDuration } from "./read-duration.ts";
import { goFieldsOf, type GoField, type GoType } from "./schemas/go-types.ts";
import type { SchemaState } from "./schemas/schema-state.ts";

/** A decoded value; `undefined` is Go's nil or zero value. */
export type GoValue =
  | string
  | number
  | boolean
  | bigint
  | Port
  | GoProtocol
  | GoRecord
  | readonly GoValue[]
  | ReadonlyMap<string, string>
  | undefined;
/** The fields that were given, by their JSON name. */
export type GoRecord = { readonly kind: "record"; readonly fields: ReadonlyMap<string, GoValue> };
/** A protocol before anything lowers its letters. */
export type GoProtocol =
  | { readonly kind: "protocol"; readonly number: number }
  | { readonly kind: "protocol"; readonly text: string };

/** Calico's components find a field in any case; the API server takes metadata's fields by their exact names. */
export type NameMatch = "any-case" | "exact";
type Decoder = { readonly state: SchemaState; readonly match: NameMatch; readonly problems: string[] };
export type Decoded =
  | { readonly kind: "decoded"; readonly record: GoRecord }
  | { readonly kind: "undecodable"; readonly problems: readonly string[] };

/** As many as anyone reads; the first alone spoils the object. */
const MAXIMUM_PROBLEMS = 20;
const EMPTY: GoRecord = { kind: "record", fields: new Map() };

/** Decodes a value into a struct of that name. */
export function decodeGo(
  state: SchemaState,
  struct: string,
  value: JsonValue,
  match: NameMatch = "any-case",
): Decoded {
  const decoder: Decoder = { state, match, problems: [] };
  const record = decodeStruct(decoder, struct, value, undefined, "");
  return decoder.problems.length > 0
    ? { kind: "undecodable", problems: decoder.problems }
    : { kind: "decoded", record };
}

/** True for a decoded struct. */
export function isGoRecord(value: GoValue): value is GoRecord {
  return typeof value === "object" && "kind" in value && value.kind === "record";
}

/** A field of a struct; `undefined` when it was not given. */
export function goField(record: GoValue, json: string): GoValue {
  return isGoRecord(record) ? record.fields.get(json) : undefined;
}

/** A list; empty when it was not given. */
export function goList(record: GoValue, json: string): readonly GoValue[] {
  const value = goField(record, json);
  return Array.isArray(value) ? (value as readonly GoValue[]) : [];
}

/** A text; empty when it was not given. */
export function goText(record: GoValue, json: string): string {
  const value = goField(record, json);
  return typeof value === "string" ? value : "";
}

/** A map of texts; empty when it was not given. */
export function goStrings(record: GoValue, json: string): ReadonlyMap<string, string> {
  const value = goField(record, json);
  return value instanceof Map ? (value as ReadonlyMap<string, string>) : new Map();
}

function decode(decoder: Decoder, type: GoType, value: JsonValue, before: GoValue, path: string): GoValue {
  switch (type.kind) {
    case "string":
      return plain(decoder, value, before, path, "string", "a string");
    case "bool":
      return plain(decoder, value, before, path, "boolean", "true or false");
    case "float64":
      return plain(decoder, value, before, path, "number", "a number");
    case "integer": {
      const number = plain(decoder, value, before, path, "number", "a whole number");
      if (typeof number !== "number" || value === null) return number;
      if (Number.isInteger(number) && number >= type.minimum && number <= type.maximum) return number;
      return complain(decoder, path, `${number} is no whole number from ${type.minimum} to ${type.maximum}`);
    }
    case "protocol":
      return decodeProtocol(decoder, value, path);
    case "port": {
      const port = decodePort(value);
      return port === "undecodable"
        ? complain(decoder, path, `${JSON.stringify(value)} is no port, range or port name`)
        : port;
    }
    case "duration": {
      const duration = typeof value === "string" ? readDuration(value) : undefined;
      return duration ?? complain(decoder, path, `${JSON.stringify(value)} is no duration`);
    }
    case "time":
      if (value === null) return undefined;
      return typeof value === "string" && isTime(value)
        ? value
        : complain(decoder, path, `${JSON.stringify(value)} is no time`);
    case "dscp":
      if (typeof value === "string" || (typeof value === "number" && isByte(value))) return value;
      return value === null ? 0 : complain(decoder, path, `${JSON.stringify(value)} is no DSCP`);
    case "raw":
      return undefined;
    case "strings-by-name":
      return decodeStrings(decoder, value, before, path);
    case "pointer":
      return value === null ? undefined : (decode(decoder, type.to, value, before, path) ?? zeroOf(type.to));
    case "slice":
      return decodeSlice(decoder, type.to, value, path);
    case "struct":
      return decodeStruct(decoder, type.name, value, before, path);
  }
}

/** What a pointer that was given points at, when its value is the zero value. */
function zeroOf(type: GoType): GoValue {
  return type.kind === "struct" ? EMPTY : undefined;
}

function plain(
  decoder: Decoder,
  value: JsonValue,
  before: GoValue,
  path: string,
  type: "string" | "boolean" | "number",
  expected: string,
): GoValue {
  if (value === null) return before;
  return typeof value === type ? (value as GoValue) : complain(decoder, path, `expected ${expected}`);
}

function decodeStruct(
  decoder: Decoder,
  struct: string,
  value: JsonValue,
  before: GoValue,
  path: string,
): GoRecord {
  const start = isGoRecord(before) ? before : EMPTY;
  if (value === null) return start;
  if (!isJsonObject(value)) {
    complain(decoder, path, "expected an object");
    return start;
  }
  const fields = new Map(start.fields);
  const known = namesOf(decoder.state, struct);
  for (const [key, member] of Object.entries(value)) {
    const field =
      known.exact.get(key) ?? (decoder.match === "exact" ? undefined : known.folded.get(fold(key)));
    if (field === undefined || member === undefined) continue;
    const decoded = decode(decoder, field.type, member, fields.get(field.json), join(path, field.json));
    if (decoded === undefined) fields.delete(field.json);
    else fields.set(field.json, decoded);
  }
  return { kind: "record", fields };
}

function decodeSlice(decoder: Decoder, type: GoType, value: JsonValue, path: string): GoValue {
  if (value === null) return undefined;
  if (!Array.isArray(value)) return complain(decoder, path, "expected a list");
  return (value as readonly JsonValue[]).map((entry, index) =>
    decode(decoder, type, entry, undefined, `${path}[${index}]`),
  );
}

function decodeStrings(decoder: Decoder, value: JsonValue, before: GoValue, path: string): GoValue {
  if (value === null) return undefined;
  if (!isJsonObject(value)) return complain(decoder, path, "expected a map of strings");
  const strings = new Map(before instanceof Map ? (before as ReadonlyMap<string, string>) : []);
  for (const [key, member] of Object.entries(value)) {
    if (member !== null && typeof member !== "string")
      complain(decoder, `${path}.${key}`, "expected a string");
    else strings.set(key, member ?? "");
  }
  return strings;
}

/** A number, or a text that may spell one. Nothing else; null is the number 0. Source: docs/calico.md 6. */
function decodeProtocol(decoder: Decoder, value: JsonValue, path: string): GoValue {
  if (value === null) return { kind: "protocol", number: 0 };
  if (typeof value === "number" && isByte(value)) return { kind: "protocol", number: value };
  if (typeof value === "string") {
    const number = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN;
    return isByte(number) ? { kind: "protocol", number } : { kind: "protocol", text: value };
  }
  return complain(decoder, path, `${JSON.stringify(value)} is no protocol name and no number from 0 to 255`);
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

function isTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) && !isNaN(Date.parse(text))
  );
}

function complain(decoder: Decoder, path: string, message: string): undefined {
  if (decoder.problems.length < MAXIMUM_PROBLEMS) decoder.problems.push(`${path}: ${message}`);
  return undefined;
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

type Names = { readonly exact: ReadonlyMap<string, GoField>; readonly folded: ReadonlyMap<string, GoField> };
const names = new Map<string, Names>();

function namesOf(state: SchemaState, struct: string): Names {
  const key = `${state} ${struct}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  const fields = goFieldsOf(state, struct);
  const made = {
    exact: new Map(fields.map((field) => [field.json, field])),
    folded: new Map(fields.map((field) => [fold(field.json), field])),
  };
  names.set(key, made);
  return made;
}

/** Two letters beyond ASCII fold into it: the long s and the sign for kelvin. */
function fold(name: string): string {
  return name.replaceAll("\u017f", "s").replaceAll("\u212a", "k").toLowerCase();
}
