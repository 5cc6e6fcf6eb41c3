/**
 * Reading JSON that somebody else wrote: every accessor answers a value of the asked type, or nothing.
 * In: unknown values. Out: typed ones. Must never happen: a cast that trusts the other side.
 */
import type { JsonArray, JsonObject, JsonValue, StringMap } from "./kubernetes-object.ts";

/** True for a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at `key`; an empty one when there is none. */
export function objectAt(parent: JsonObject | undefined, key: string): JsonObject {
  const value = parent?.[key];
  return isJsonObject(value) ? value : {};
}

/** The list at `key`; an empty one when there is none. */
export function arrayAt(parent: JsonObject | undefined, key: string): JsonArray {
  const value = parent?.[key];
  return isJsonArray(value) ? value : [];
}

/** The text at `key`. */
export function stringAt(parent: JsonObject | undefined, key: string): string | undefined {
  const value = parent?.[key];
  return typeof value === "string" ? value : undefined;
}

/** The number at `key`. */
export function numberAt(parent: JsonObject | undefined, key: string): number | undefined {
  const value = parent?.[key];
  return typeof value === "number" ? value : undefined;
}

/** The texts in the list at `key`; anything else in that list is left out. */
export function stringsAt(parent: JsonObject | undefined, key: string): readonly string[] {
  return arrayAt(parent, key).filter((it) => typeof it === "string");
}

/** The map of texts at `key`; anything else in that map is left out. */
export function stringMapAt(parent: JsonObject | undefined, key: string): StringMap {
  const value = parent?.[key];
  if (!isJsonObject(value)) return {};
  return isStringMap(value)
    ? value
    : Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
}

/** True when every value is a text. */
export function isStringMap(value: JsonObject): value is StringMap {
  for (const key in value) if (typeof value[key] !== "string") return false;
  return true;
}

function isJsonArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}
