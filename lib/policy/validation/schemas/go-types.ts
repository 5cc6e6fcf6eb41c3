import tables from "./go-types.json" with { type: "json" };
import type { SchemaState } from "./schema-state.ts";

/** A field of one of Calico's Go structs. */
export type GoField = {
  /** Name in Go: what its validator calls the field. */
  readonly name: string;
  /** Name in JSON. */
  readonly json: string;
  readonly type: GoType;
  /** When Go's encoder leaves it out: `omitempty`, `omitzero`, both or neither. */
  readonly omit: "empty" | "zero" | "both" | "never";
  /** The rules of its `validate` tag, in order. */
  readonly rules: readonly string[];
  /** FelixConfiguration: the parameter that it sets (`-`: none), and whether a duration is written in milliseconds. */
  readonly parameter: string;
  readonly milliseconds: boolean;
};

/** Numbers are named by their size; the custom ones decode themselves. */
export type GoType =
  | { readonly kind: "string" | "bool" | "float64" }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "protocol" | "port" | "duration" | "time" | "dscp" | "raw" | "strings-by-name" }
  | { readonly kind: "pointer" | "slice"; readonly to: GoType }
  | { readonly kind: "struct"; readonly name: string };

/** A parameter of Felix that can stop it: `parse` says how its text is read when a bad text is fatal. */
export type FelixParameter = {
  readonly name: string;
  readonly parse: string;
  /** The word `none` is fatal. */
  readonly nonZero: boolean;
};

type FieldRow = readonly [name: string, json: string, type: string, ...rest: string[]];
type Tables = {
  readonly states: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly structs: readonly (readonly number[])[];
  readonly fields: readonly FieldRow[];
  readonly parameters: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
};
const TABLES = tables as unknown as Tables;

const INTEGERS: Readonly<Record<string, readonly [number, number]>> = {
  int: [-(2 ** 63), 2 ** 63 - 1],
  int64: [-(2 ** 63), 2 ** 63 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint16: [0, 65_535],
  uint32: [0, 2 ** 32 - 1],
};
const PLAIN: Readonly<Record<string, GoType>> = {
  string: { kind: "string" },
  bool: { kind: "bool" },
  float64: { kind: "float64" },
  Protocol: { kind: "protocol" },
  Port: { kind: "port" },
  Duration: { kind: "duration" },
  Time: { kind: "time" },
  DSCP: { kind: "dscp" },
  Raw: { kind: "raw" },
  "map[string]string": { kind: "strings-by-name" },
};

const fields = new Map<number, GoField>();
const structs = new Map<number, readonly GoField[]>();

/** The fields of a struct in a state of Calico; empty for a struct that it does not have. */
export function goFieldsOf(state: SchemaState, struct: string): readonly GoField[] {
  const index = TABLES.states[state]?.[struct];
  if (index === undefined) return [];
  const known = structs.get(index) ?? (TABLES.structs[index] ?? []).map(fieldAt);
  structs.set(index, known);
  return known;
}

/** True when that state of Calico has the kind. */
export function hasGoKind(state: SchemaState, kind: string): boolean {
  return Object.hasOwn(TABLES.states[state] ?? {}, kind);
}

/** Parameters whose text can stop Felix, by lower-case name. */
export function felixParametersOf(state: SchemaState): ReadonlyMap<string, FelixParameter> {
  return new Map(
    Object.entries(TABLES.parameters[state] ?? {}).map(([name, [parse, nonZero]]) => [
      name.toLowerCase(),
      { name, parse: parse ?? "", nonZero: nonZero === "non-zero" },
    ]),
  );
}

function fieldAt(index: number): GoField {
  const known = fields.get(index);
  if (known !== undefined) return known;
  const [name = "", json = "", type = "", omit = "", rules = "", parameter = "", scale = ""] =
    TABLES.fields[index] ?? [];
  const field: GoField = {
    name,
    json,
    type: parseType(type),
    omit: omit === "empty" || omit === "zero" || omit === "both" ? omit : "never",
    rules: rules === "" ? [] : rules.split(","),
    parameter: parameter === "" ? name : parameter,
    milliseconds: scale === "milliseconds",
  };
  fields.set(index, field);
  return field;
}

function parseType(text: string): GoType {
  if (text.startsWith("*")) return { kind: "pointer", to: parseType(text.slice(1)) };
  if (text.startsWith("[]")) return { kind: "slice", to: parseType(text.slice(2)) };
  const range = INTEGERS[text];
  if (range !== undefined) return { kind: "integer", minimum: range[0], maximum: range[1] };
  return PLAIN[text] ?? { kind: "struct", name: text };
}
