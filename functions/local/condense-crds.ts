/**
 * Condenses Calico's CustomResourceDefinitions into the tables of lib/policy/validation/schemas.
 *
 * In: for each state of Calico (`v3.29`, …, `master`) a folder that holds `crd.projectcalico.org_v1/` and, where that state
 * has it, `projectcalico.org_v3/`. Out: the tables. Descriptions and messages are left out: the tables hold facts.
 * @throws Error when a definition says something that the tables have no word for.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import {
  SCHEMA_KINDS,
  type SchemaGroup,
  type SchemaNode,
  type SchemaTables,
} from "../../lib/policy/validation/schemas/structural-schemas.ts";

const FOLDERS: Readonly<Record<SchemaGroup, string>> = {
  "crd.projectcalico.org/v1": "crd.projectcalico.org_v1",
  "projectcalico.org/v3": "projectcalico.org_v3",
};

/** Words of OpenAPI that stay as they are. */
const KEPT = new Set([
  "type",
  "required",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "default",
  "format",
  "nullable",
]);
const RENAMED: Readonly<Record<string, string>> = {
  "x-kubernetes-int-or-string": "intOrString",
  "x-kubernetes-list-type": "listType",
  "x-kubernetes-list-map-keys": "listMapKeys",
};
/** Words that change nothing about what is accepted. */
const IGNORED = new Set(["description", "x-kubernetes-map-type"]);

type Definition = {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: RawSchema } }[];
  };
};
type RawSchema = { readonly [key: string]: unknown };

/** The tables for the given states; equal shapes are kept once. */
export function condenseDefinitions(folders: Readonly<Record<string, string>>): SchemaTables {
  const nodes: SchemaNode[] = [];
  const known = new Map<string, number>();
  const states: Record<string, Record<string, Record<string, number>>> = {};
  const keep = (raw: RawSchema): number => {
    const text = JSON.stringify(condense(raw, keep));
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    nodes.push(JSON.parse(text) as SchemaNode);
    known.set(text, nodes.length - 1);
    return nodes.length - 1;
  };
  for (const [state, folder] of Object.entries(folders))
    for (const [group, name] of Object.entries(FOLDERS))
      for (const { kind, schema } of definitionsIn(join(folder, name)))
        ((states[state] ??= {})[group] ??= {})[kind] = keep(schema);
  return { states, nodes };
}

function condense(raw: RawSchema, keep: (raw: RawSchema) => number): Record<string, unknown> {
  const node: Record<string, unknown> = {};
  for (const key of Object.keys(raw).sort()) {
    const value = raw[key];
    const renamed = RENAMED[key];
    if (KEPT.has(key)) node[key] = value;
    else if (renamed !== undefined) node[renamed] = value;
    else if (key === "properties") node[key] = mapValues(value as Record<string, RawSchema>, keep);
    else if (key === "items") node[key] = keep(value as RawSchema);
    else if (key === "additionalProperties") node["additional"] = keep(value as RawSchema);
    else if (key === "allOf" || key === "anyOf") node[key] = (value as readonly RawSchema[]).map(keep);
    else if (key === "x-kubernetes-validations")
      node["rules"] = (value as readonly { readonly rule: string }[]).map(({ rule }) => rule);
    else if (!IGNORED.has(key)) throw new Error(`the tables have no word for ${key}`);
  }
  return node;
}

function mapValues(
  values: Readonly<Record<string, RawSchema>>,
  keep: (raw: RawSchema) => number,
): Record<string, number> {
  const names = Object.keys(values).sort();
  return Object.fromEntries(names.map((name) => [name, keep(values[name] ?? {})]));
}

function definitionsIn(folder: string): { readonly kind: string; readonly schema: RawSchema }[] {
  if (!existsSync(folder)) return [];
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Definition | null))
    .flatMap((definition) => {
      const kind = definition?.spec.names.kind ?? "";
      const [version] = definition?.spec.versions ?? [];
      return version !== undefined && SCHEMA_KINDS.includes(kind)
        ? [{ kind, schema: version.schema.openAPIV3Schema }]
        : [];
    });
}
