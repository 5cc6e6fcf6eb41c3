/**
 * Writes a decoded object as Go's encoder would: Calico's validator checks its own schemas against this, not against the text
 * that somebody sent. Zero values stay where the struct does not say otherwise.
 * Source: Go, encoding/json; schemas/go-types.json.
 */
import type { JsonObject, JsonValue } from "../../model/kubernetes-object.ts";
import type { Port } from "../rules/port.ts";
import { isGoRecord, type GoProtocol, type GoRecord, type GoValue } from "./decode-go.ts";
import { printDuration } from "./read-duration.ts";
import { goFieldsOf, type GoField, type GoType } from "./schemas/go-types.ts";
import type { SchemaState } from "./schemas/schema-state.ts";

/** The JSON of a struct. */
export function encodeGo(state: SchemaState, struct: string, record: GoRecord): JsonObject {
  return Object.fromEntries(
    goFieldsOf(state, struct).flatMap((field): [string, JsonValue][] => {
      const value = record.fields.get(field.json);
      return isOmitted(state, field, value) ? [] : [[field.json, encode(state, field.type, value)]];
    }),
  );
}

function encode(state: SchemaState, type: GoType, value: GoValue): JsonValue {
  switch (type.kind) {
    case "string":
      return typeof value === "string" ? value : "";
    case "bool":
      return value === true;
    case "float64":
    case "integer":
      return typeof value === "number" ? value : 0;
    case "dscp":
      return typeof value === "string" || typeof value === "number" ? value : 0;
    case "protocol":
      return encodeProtocol(value as GoProtocol | undefined);
    case "port":
      return encodePort(value as Port | undefined);
    case "duration":
      return printDuration(typeof value === "bigint" ? value : 0n);
    case "time":
      return typeof value === "string" ? value : null;
    case "raw":
      return {};
    case "strings-by-name":
      return value instanceof Map ? Object.fromEntries(value as ReadonlyMap<string, string>) : null;
    case "pointer":
      return value === undefined ? null : encode(state, type.to, value);
    case "slice":
      return Array.isArray(value)
        ? (value as readonly GoValue[]).map((entry) => encode(state, type.to, entry))
        : null;
    case "struct":
      return encodeGo(state, type.name, isGoRecord(value) ? value : { kind: "record", fields: new Map() });
  }
}

/** `omitempty` leaves out nil, false, 0, the empty text, list and map, but never a struct; `omitzero` leaves out zero structs too. */
function isOmitted(state: SchemaState, field: GoField, value: GoValue): boolean {
  switch (field.omit) {
    case "never":
      return false;
    case "zero":
      return isZero(state, field.type, value);
    case "empty":
      return isEmpty(field.type, value);
    case "both":
      return isEmpty(field.type, value) || isZero(state, field.type, value);
  }
}

function isEmpty(type: GoType, value: GoValue): boolean {
  switch (type.kind) {
    case "string":
      return value === undefined || value === "";
    case "bool":
      return value !== true;
    case "float64":
    case "integer":
      return value === undefined || value === 0;
    case "slice":
      return !Array.isArray(value) || value.length === 0;
    case "strings-by-name":
      return !(value instanceof Map) || value.size === 0;
    case "pointer":
      return value === undefined;
    default:
      return false;
  }
}

/** Nothing in it was ever set: an empty list that was given counts as set. */
function isZero(state: SchemaState, type: GoType, value: GoValue): boolean {
  switch (type.kind) {
    case "struct": {
      const record = isGoRecord(value) ? value : undefined;
      return goFieldsOf(state, type.name).every((field) =>
        isZero(state, field.type, record?.fields.get(field.json)),
      );
    }
    case "slice":
    case "strings-by-name":
    case "pointer":
    case "time":
    case "raw":
      return value === undefined;
    case "protocol": {
      const protocol = value as GoProtocol | undefined;
      return protocol === undefined || ("number" in protocol && protocol.number === 0);
    }
    case "port":
    case "duration":
    case "dscp":
      return value === undefined || value === 0n || value === 0;
    default:
      return isEmpty(type, value);
  }
}

function encodeProtocol(protocol: GoProtocol | undefined): JsonValue {
  if (protocol === undefined) return 0;
  return "number" in protocol ? protocol.number : protocol.text;
}

function encodePort(port: Port | undefined): JsonValue {
  if (port === undefined) return 0;
  if (port.kind === "name") return port.name;
  return port.first === port.last ? port.first : `${port.first}:${port.last}`;
}
