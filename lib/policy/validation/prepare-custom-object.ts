import type { JsonObject, JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { schemaAt, type SchemaNode } from "./schemas/structural-schemas.ts";

/**
 * The object as the API server works with it and stores it: fields that the schema does not know are pruned, defaults filled
 * in, nulls dropped where they are not allowed and nothing stands in for them.
 * Source: Kubernetes, structural schemas (pruning, defaulting).
 */
export function prepareCustomObject(schema: SchemaNode, value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const items = schema.items === undefined ? undefined : schemaAt(schema.items);
    if (items === undefined) return value as readonly JsonValue[];
    return (value as readonly JsonValue[]).map((entry): JsonValue =>
      prepareCustomObject(items, isDropped(items, entry) ? (items.default ?? null) : entry),
    );
  }
  if (!isJsonObject(value) || schema.intOrString === true) return value;
  return schema.additional === undefined
    ? prepareFields(schema, value)
    : prepareMembers(schemaAt(schema.additional), value);
}

function prepareFields(schema: SchemaNode, value: JsonObject): JsonObject {
  const prepared: Record<string, JsonValue> = {};
  for (const [key, index] of Object.entries(schema.properties ?? {})) {
    const property = schemaAt(index);
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const member = given === undefined || isDropped(property, given) ? property.default : given;
    if (member !== undefined) prepared[key] = prepareCustomObject(property, member);
  }
  return prepared;
}

function prepareMembers(member: SchemaNode, value: JsonObject): JsonObject {
  const kept = Object.entries(value).flatMap(([key, entry]): [string, JsonValue][] => {
    const given = entry === undefined || isDropped(member, entry) ? member.default : entry;
    return given === undefined ? [] : [[key, prepareCustomObject(member, given)]];
  });
  return Object.fromEntries(kept);
}

function isDropped(schema: SchemaNode, value: JsonValue): boolean {
  return value === null && schema.nullable !== true;
}
