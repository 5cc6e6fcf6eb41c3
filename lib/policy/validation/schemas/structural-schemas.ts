import type { JsonValue } from "../../../model/kubernetes-object.ts";
import type { SchemaState } from "./schema-state.ts";
import tables from "./structural-schemas.json" with { type: "json" };

export type SchemaGroup = "crd.projectcalico.org/v1" | "projectcalico.org/v3";

/** The kinds that the tables hold. */
export const SCHEMA_KINDS: readonly string[] = [
  "FelixConfiguration",
  "GlobalNetworkPolicy",
  "GlobalNetworkSet",
  "HostEndpoint",
  "KubeControllersConfiguration",
  "NetworkPolicy",
  "NetworkSet",
  "StagedGlobalNetworkPolicy",
  "StagedNetworkPolicy",
  "Tier",
];

/** One schema, in the words of OpenAPI; numbers name other nodes of the table. */
export type SchemaNode = {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly properties?: Readonly<Record<string, number>>;
  readonly additional?: number;
  readonly items?: number;
  readonly required?: readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly intOrString?: boolean;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly allOf?: readonly number[];
  readonly anyOf?: readonly number[];
  /** CEL expressions that must hold. */
  readonly rules?: readonly string[];
};

export type SchemaTables = {
  /** State, group, kind: the node of the whole object. */
  readonly states: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly nodes: readonly SchemaNode[];
};

const TABLES = tables as unknown as SchemaTables;
const EMPTY: SchemaNode = {};

/** The schema of an object; `undefined` when that state has no such definition. */
export function schemaOf(state: SchemaState, group: SchemaGroup, kind: string): SchemaNode | undefined {
  const kinds = TABLES.states[state]?.[group] ?? {};
  const index = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  return index === undefined ? undefined : TABLES.nodes[index];
}

/** A node that another one names. */
export function schemaAt(index: number): SchemaNode {
  return TABLES.nodes[index] ?? EMPTY;
}
