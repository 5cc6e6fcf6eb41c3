import type { JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { join, membersOf } from "./check-structure.ts";
import type { Complaint } from "./complaint.ts";
import { evaluateRule } from "./evaluate-rule.ts";
import { explainRule } from "./explain-rule.ts";
import { schemaAt, type SchemaNode } from "./schemas/structural-schemas.ts";

/** Entries that are there twice in a list that is a set, or in one that is a map by some of its members' fields. */
export function checkLists(schema: SchemaNode, value: JsonValue, path: string): Complaint[] {
  if (Array.isArray(value)) {
    const entries = value as readonly JsonValue[];
    const twice = schema.listType === "set" || schema.listType === "map" ? repeated(schema, entries) : [];
    return [
      ...twice.map((index): Complaint => ({ field: `${path}[${index}]`, reason: "is there twice" })),
      ...children(schema, value, path, checkLists),
    ];
  }
  return children(schema, value, path, checkLists);
}

/** Where an entry appears for the second time; the API server is silent about a third. */
function repeated(schema: SchemaNode, entries: readonly JsonValue[]): number[] {
  const seen = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const key = JSON.stringify(
      schema.listType === "set" || !isJsonObject(entry)
        ? entry
        : (schema.listMapKeys ?? []).map((name) => entry[name]),
    );
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 2 ? [index] : [];
  });
}

/** The CEL rules of the schema that the value breaks, or that ask for what is not there. */
export function checkRules(schema: SchemaNode, value: JsonValue, path: string): Complaint[] {
  const own = (schema.rules ?? [])
    .filter((rule) => evaluateRule(rule, value) !== "holds")
    .map((rule): Complaint => ({ field: path === "" ? "<root>" : path, reason: explainRule(rule) }));
  return [...own, ...children(schema, value, path, checkRules)];
}

function children(
  schema: SchemaNode,
  value: JsonValue,
  path: string,
  check: (schema: SchemaNode, value: JsonValue, path: string) => Complaint[],
): Complaint[] {
  if (Array.isArray(value)) {
    const items = schema.items === undefined ? undefined : schemaAt(schema.items);
    return items === undefined
      ? []
      : (value as readonly JsonValue[]).flatMap((entry, index) => check(items, entry, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  return membersOf(schema, value).flatMap(([key, member, child]) => check(child, member, join(path, key)));
}
