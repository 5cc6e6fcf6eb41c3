import type { JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";

export type JsonRecord = { readonly [key: string]: JsonValue | undefined };

/**
 * Reads fields the way Go's JSON decoder fills a struct: absent and null are the zero value, a wrong type is an error
 * that spoils the whole object. The errors pile up in `problems`, each with its path.
 */
export type Decoder = { readonly problems: string[] };

/** A new decoder without problems. */
export function newDecoder(): Decoder {
  return { problems: [] };
}

/** A nested object; empty when absent. */
export function recordField(decoder: Decoder, parent: JsonRecord, key: string, path: string): JsonRecord {
  return optionalRecord(decoder, parent, key, path) ?? {};
}

/** A nested object, or `undefined` when absent. */
export function optionalRecord(
  decoder: Decoder,
  parent: JsonRecord,
  key: string,
  path: string,
): JsonRecord | undefined {
  const value = own(parent, key);
  if (value === undefined || value === null) return undefined;
  if (isJsonObject(value)) return value;
  decoder.problems.push(`${path}.${key}: expected an object`);
  return undefined;
}

/** A string; empty when absent. */
export function stringField(decoder: Decoder, parent: JsonRecord, key: string, path: string): string {
  const value = own(parent, key);
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  decoder.problems.push(`${path}.${key}: expected a string`);
  return "";
}

/** A boolean; false when absent. */
export function booleanField(decoder: Decoder, parent: JsonRecord, key: string, path: string): boolean {
  const value = own(parent, key);
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  decoder.problems.push(`${path}.${key}: expected a boolean`);
  return false;
}

/** A number, or `undefined` when absent. */
export function numberField(
  decoder: Decoder,
  parent: JsonRecord,
  key: string,
  path: string,
): number | undefined {
  const value = own(parent, key);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  decoder.problems.push(`${path}.${key}: expected a number`);
  return undefined;
}

/** A whole number, or `undefined` when absent. */
export function integerField(
  decoder: Decoder,
  parent: JsonRecord,
  key: string,
  path: string,
): number | undefined {
  const value = numberField(decoder, parent, key, path);
  if (value === undefined || Number.isInteger(value)) return value;
  decoder.problems.push(`${path}.${key}: expected a whole number`);
  return undefined;
}

/** A list; empty when absent. */
export function listField(
  decoder: Decoder,
  parent: JsonRecord,
  key: string,
  path: string,
): readonly JsonValue[] {
  const value = own(parent, key);
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value as readonly JsonValue[];
  decoder.problems.push(`${path}.${key}: expected a list`);
  return [];
}

/** A list of strings; empty when absent. */
export function stringsField(
  decoder: Decoder,
  parent: JsonRecord,
  key: string,
  path: string,
): readonly string[] {
  return listField(decoder, parent, key, path).map((value, index) => {
    if (typeof value === "string") return value;
    if (value !== null) decoder.problems.push(`${path}.${key}[${index}]: expected a string`);
    return "";
  });
}

/** A list of objects; empty when absent. */
export function recordsField(
  decoder: Decoder,
  parent: JsonRecord,
  key: string,
  path: string,
): readonly JsonRecord[] {
  return listField(decoder, parent, key, path).map((value, index) => {
    if (isJsonObject(value)) return value;
    if (value !== null) decoder.problems.push(`${path}.${key}[${index}]: expected an object`);
    return {};
  });
}

function own(parent: JsonRecord, key: string): JsonValue | undefined {
  return Object.hasOwn(parent, key) ? parent[key] : undefined;
}
