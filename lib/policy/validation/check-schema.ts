import type { JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** The part of OpenAPI that Calico's CRDs use. */
export type Schema =
  | {
      readonly type: "string";
      readonly enum?: readonly string[];
      readonly pattern?: RegExp;
      readonly maxLength?: number;
    }
  | {
      readonly type: "integer" | "number";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly enum?: readonly number[];
    }
  | { readonly type: "boolean" | "intOrString" | "any" }
  | { readonly type: "map"; readonly values: Schema }
  | {
      readonly type: "array";
      readonly items: Schema;
      readonly set?: boolean;
      readonly minItems?: number;
      readonly maxItems?: number;
    }
  | {
      readonly type: "object";
      readonly properties: Readonly<Record<string, Schema>>;
      readonly required?: readonly string[];
    };

/** One complaint of one layer. */
export type Complaint = {
  readonly field: string;
  readonly reason: string;
  /**
   * `duplicate`, `absent`: only raw writes can cause it. Calico's typed clients send a zero value for what is absent (and
   * this one would pass), and their validator does not look at duplicates.
   */
  readonly kind?: "duplicate" | "absent";
};

/**
 * What the API server says about a value: types, enums, bounds, required fields, sets. Unknown fields are pruned, not
 * refused; null counts as absent.
 */
export function checkSchema(schema: Schema, value: JsonValue | undefined, path: string): Complaint[] {
  if (value === undefined || value === null) return [];
  const complain = (reason: string): Complaint[] => [{ field: path, reason }];
  switch (schema.type) {
    case "any":
      return [];
    case "boolean":
      return typeof value === "boolean" ? [] : complain("must be true or false");
    case "intOrString":
      return typeof value === "string" || isInteger(value)
        ? []
        : complain("must be a whole number or a string");
    case "string":
      return typeof value === "string" ? checkString(schema, value, complain) : complain("must be a string");
    case "integer":
    case "number":
      if (typeof value !== "number" || (schema.type === "integer" && !Number.isInteger(value)))
        return complain("must be a number");
      return checkNumber(schema, value, complain);
    case "array":
      return Array.isArray(value)
        ? checkArray(schema, value as readonly JsonValue[], path)
        : complain("must be a list");
    case "map":
      if (!isJsonObject(value)) return complain("must be a map");
      return Object.entries(value).flatMap(([key, member]) =>
        checkSchema(schema.values, member, `${path}.${key}`),
      );
    case "object": {
      if (!isJsonObject(value)) return complain("must be an object");
      const missing = (schema.required ?? []).filter(
        (key) => value[key] === undefined || value[key] === null,
      );
      return [
        ...missing.map((key) => missingField(schema.properties[key], join(path, key))),
        ...Object.entries(schema.properties).flatMap(([key, property]) =>
          checkSchema(property, value[key], join(path, key)),
        ),
      ];
    }
  }
}

function missingField(schema: Schema | undefined, field: string): Complaint {
  const complaint = { field, reason: "is required" };
  if (schema === undefined) return complaint;
  const zero = schema.type === "string" ? "" : 0;
  return checkSchema(schema, zero, field).length === 0 ? { ...complaint, kind: "absent" } : complaint;
}

function checkString(
  schema: Extract<Schema, { type: "string" }>,
  value: string,
  complain: (reason: string) => Complaint[],
): Complaint[] {
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return complain(`must be one of ${schema.enum.join(", ")}`);
  if (schema.pattern !== undefined && !schema.pattern.test(value))
    return complain(`must match ${schema.pattern.source}`);
  if (schema.maxLength !== undefined && [...value].length > schema.maxLength)
    return complain(`may have at most ${schema.maxLength} characters`);
  return [];
}

function checkNumber(
  schema: Extract<Schema, { type: "integer" | "number" }>,
  value: number,
  complain: (reason: string) => Complaint[],
): Complaint[] {
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return complain(`must be one of ${schema.enum.join(", ")}`);
  if (schema.minimum !== undefined && value < schema.minimum)
    return complain(`must be at least ${schema.minimum}`);
  if (schema.maximum !== undefined && value > schema.maximum)
    return complain(`must be at most ${schema.maximum}`);
  return [];
}

function checkArray(
  schema: Extract<Schema, { type: "array" }>,
  values: readonly JsonValue[],
  path: string,
): Complaint[] {
  const complaints = values.flatMap((value, index) => checkSchema(schema.items, value, `${path}[${index}]`));
  if (schema.maxItems !== undefined && values.length > schema.maxItems)
    complaints.push({ field: path, reason: `may have at most ${schema.maxItems} entries` });
  if (schema.minItems !== undefined && values.length < schema.minItems)
    complaints.push({ field: path, reason: `needs at least ${schema.minItems} entry` });
  if (schema.set === true) {
    values.forEach((value, index) => {
      if (values.indexOf(value) < index)
        complaints.push({ field: `${path}[${index}]`, reason: "is there twice", kind: "duplicate" });
    });
  }
  return complaints;
}

function isInteger(value: JsonValue): boolean {
  return typeof value === "number" && Number.isInteger(value);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
