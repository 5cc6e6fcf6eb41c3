import type { JsonObject, JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import type { Complaint } from "./complaint.ts";
import { schemaAt, type SchemaNode } from "./schemas/structural-schemas.ts";

/** A complaint of the schema. A blocking one keeps the API server from asking the CEL rules. */
export type StructureComplaint = Complaint & { readonly blocking: boolean };

const ROOT = "<root>";

/**
 * What the API server's schema says of a value that `prepareCustomObject` has prepared: types, required fields, enums, patterns,
 * bounds. Sets and CEL rules are asked elsewhere.
 * Source: Kubernetes, validation of custom resources; test/oracle/validation.jsonl.
 */
export function checkStructure(schema: SchemaNode, value: JsonValue, path: string): StructureComplaint[] {
  const complaints = isRightType(schema, value)
    ? checkValue(schema, value, path)
    : wrongType(schema, value, path);
  return value === null ? complaints : [...complaints, ...checkCombinations(schema, value, path)];
}

function checkCombinations(schema: SchemaNode, value: JsonValue, path: string): StructureComplaint[] {
  const complaints: StructureComplaint[] = [];
  const all = (schema.allOf ?? []).map((index) => checkStructure(schemaAt(index), value, path));
  if (all.some((one) => one.length > 0)) {
    complaints.push(...all.flat(), wrong(ROOT, `${path} must validate all the schemas`, false));
  }
  const any = (schema.anyOf ?? []).map((index) => checkStructure(schemaAt(index), value, path));
  if (any.length > 0 && any.every((one) => one.length > 0)) {
    complaints.push(...(any[0] ?? []), wrong(ROOT, `${path} must validate at least one schema`, false));
  }
  return complaints;
}

function checkValue(schema: SchemaNode, value: JsonValue, path: string): StructureComplaint[] {
  const complaints: StructureComplaint[] = [];
  if (schema.enum !== undefined && !schema.enum.includes(value))
    complaints.push(
      wrong(path, `must be one of ${schema.enum.map((word) => JSON.stringify(word)).join(", ")}`, true),
    );
  if (typeof value === "string") complaints.push(...checkString(schema, value, path));
  else if (typeof value === "number") complaints.push(...checkNumber(schema, value, path));
  else if (Array.isArray(value)) complaints.push(...checkList(schema, value as readonly JsonValue[], path));
  else if (isJsonObject(value)) complaints.push(...checkObject(schema, value, path));
  return complaints;
}

function isRightType(schema: SchemaNode, value: JsonValue): boolean {
  if (value === null) return schema.nullable === true || (schema.type === undefined && !schema.intOrString);
  if (schema.intOrString === true) return typeof value === "string" || Number.isInteger(value);
  switch (schema.type) {
    case undefined:
      return true;
    case "object":
      return isJsonObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === schema.type;
  }
}

/** A fraction where a whole number belongs is told twice, once without a field. */
function wrongType(schema: SchemaNode, value: JsonValue, path: string): StructureComplaint[] {
  const reason = `must be ${expectedType(schema)}`;
  const isFraction = schema.type === "integer" && typeof value === "number";
  return [wrong(path, reason, true), ...(isFraction ? [wrong(ROOT, `${path} ${reason}`, false)] : [])];
}

function expectedType(schema: SchemaNode): string {
  if (schema.intOrString === true) return "a whole number or a string";
  const words = {
    object: "an object",
    array: "a list",
    string: "a string",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
  } as const;
  return schema.type === undefined ? "something else" : words[schema.type];
}

function checkString(schema: SchemaNode, value: string, path: string): StructureComplaint[] {
  const complaints: StructureComplaint[] = [];
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    complaints.push(wrong(path, `may have at most ${schema.maxLength} characters`, true));
  if (schema.minLength !== undefined && length < schema.minLength)
    complaints.push(wrong(path, `needs at least ${schema.minLength} characters`, false));
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value))
    complaints.push(wrong(path, `must match ${schema.pattern}`, false));
  return complaints;
}

function checkNumber(schema: SchemaNode, value: number, path: string): StructureComplaint[] {
  const complaints: StructureComplaint[] = [];
  if (schema.minimum !== undefined && value < schema.minimum)
    complaints.push(wrong(path, `must be at least ${schema.minimum}`, false));
  if (schema.maximum !== undefined && value > schema.maximum)
    complaints.push(wrong(path, `must be at most ${schema.maximum}`, false));
  return complaints;
}

function checkList(schema: SchemaNode, values: readonly JsonValue[], path: string): StructureComplaint[] {
  const complaints: StructureComplaint[] = [];
  const { items } = schema;
  if (items !== undefined)
    complaints.push(
      ...values.flatMap((value, index) => checkStructure(schemaAt(items), value, `${path}[${index}]`)),
    );
  if (schema.maxItems !== undefined && values.length > schema.maxItems)
    complaints.push(wrong(path, `may have at most ${schema.maxItems} entries`, true));
  if (schema.minItems !== undefined && values.length < schema.minItems)
    complaints.push(wrong(path, `needs at least ${schema.minItems} entry`, false));
  return complaints;
}

function checkObject(schema: SchemaNode, value: JsonObject, path: string): StructureComplaint[] {
  const missing = (schema.required ?? []).filter((key) => value[key] === undefined);
  return [
    ...missing.map((key) => wrong(join(path, key), "is required", true)),
    ...membersOf(schema, value).flatMap(([key, member, child]) =>
      checkStructure(child, member, join(path, key)),
    ),
  ];
}

/** The members of an object that its schema says something about. */
export function membersOf(
  schema: SchemaNode,
  value: JsonObject,
): readonly (readonly [key: string, member: JsonValue, schema: SchemaNode])[] {
  return Object.entries(value).flatMap(([key, member]) => {
    const known = schema.properties ?? {};
    const index = Object.hasOwn(known, key) ? known[key] : schema.additional;
    return member === undefined || index === undefined ? [] : [[key, member, schemaAt(index)] as const];
  });
}

/** A path one step down. */
export function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function wrong(field: string, reason: string, blocking: boolean): StructureComplaint {
  return { field, reason, blocking };
}

const patterns = new Map<string, RegExp>();

/** The tables' patterns are Go's; the one thing in them that JavaScript writes otherwise is "in any case". */
function patternOf(text: string): RegExp {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  const made = new RegExp(text.replace("(?i)", ""), text.includes("(?i)") ? "i" : "");
  patterns.set(text, made);
  return made;
}
