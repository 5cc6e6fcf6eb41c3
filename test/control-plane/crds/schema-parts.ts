import type { Schema, ValidationRule } from "./custom-resource-definition.ts";

/** The words in which the schemas of this folder are written: each makes one small piece of an OpenAPI schema. */

type Bounds = Pick<Schema, "minItems" | "maxItems">;

export const text: Schema = { type: "string" };
export const flag: Schema = { type: "boolean" };
export const wholeNumber: Schema = { type: "integer" };
export const number: Schema = { type: "number" };
export const textMap: Schema = { type: "object", additionalProperties: text };

/** A number or a name, such as a port or a protocol. */
export const numberOrText: Schema = {
  anyOf: [{ type: "integer" }, { type: "string" }],
  pattern: "^.*",
  "x-kubernetes-int-or-string": true,
};

export function textUpTo(maxLength: number): Schema {
  return { type: "string", maxLength };
}

export function textLike(pattern: string): Schema {
  return { type: "string", pattern };
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: "string", enum: values };
}

export function between(minimum: number, maximum: number): Schema {
  return { type: "integer", minimum, maximum };
}

export function withDefault(schema: Schema, value: unknown): Schema {
  return { ...schema, default: value };
}

/** A list that is replaced as a whole. */
export function listOf(items: Schema, bounds: Bounds = {}): Schema {
  return { type: "array", items, "x-kubernetes-list-type": "atomic", ...bounds };
}

/** A list without duplicates. */
export function setOf(items: Schema, bounds: Bounds = {}): Schema {
  return { type: "array", items, "x-kubernetes-list-type": "set", ...bounds };
}

/** A list that says nothing about how it is merged. */
export function plainListOf(items: Schema, bounds: Bounds = {}): Schema {
  return { type: "array", items, ...bounds };
}

export function object(
  properties: Readonly<Record<string, Schema>>,
  more: Omit<Schema, "type" | "properties"> = {},
): Schema {
  return { type: "object", properties, ...more };
}

/** The same schema for each of these fields. */
export function each(names: readonly string[], schema: Schema): Readonly<Record<string, Schema>> {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

/** A CEL rule: what must hold, and what the person who breaks it is told. */
export function rule(
  expression: string,
  message: string,
  reason: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired" = "FieldValueInvalid",
): ValidationRule {
  return { rule: expression, message, reason };
}
