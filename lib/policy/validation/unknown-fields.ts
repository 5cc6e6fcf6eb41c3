import { closestWord } from "../../model/closest-word.ts";
import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { schemaAt, schemaOf, type SchemaGroup, type SchemaNode } from "./schemas/structural-schemas.ts";
import { SCHEMA_STATES } from "./schemas/schema-state.ts";

/** A field that no version of Calico has: the API server drops it without a word, and what it was to say is not said. */
export type UnknownField = {
  /** `spec.ingress[0].destination.prots` */
  readonly path: string;
  /** The field that was meant. */
  readonly meant?: string;
};

const GROUPS: readonly SchemaGroup[] = ["crd.projectcalico.org/v1", "projectcalico.org/v3"];
/** One object with more of them is no object of Calico at all. */
const MOST_FOUND = 20;

/** In the order in which they stand in the object; none for kinds of which no schema is known. */
export function unknownFields(object: KubernetesObject): readonly UnknownField[] {
  const schemas = SCHEMA_STATES.flatMap((state) =>
    GROUPS.flatMap((group) => schemaOf(state, group, object.kind) ?? []),
  );
  if (schemas.length === 0) return [];
  const found: UnknownField[] = [];
  // What is in the metadata is Kubernetes' to say, which keeps more than a schema tells; status is nobody's to write.
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...own } = object;
  look(schemas, own, "", found);
  return found;
}

function look(schemas: readonly SchemaNode[], value: JsonValue, path: string, found: UnknownField[]): void {
  if (found.length >= MOST_FOUND) return;
  if (Array.isArray(value)) {
    const items = schemas.flatMap((it) => (it.items === undefined ? [] : [schemaAt(it.items)]));
    if (items.length > 0)
      for (const [index, entry] of (value as readonly JsonValue[]).entries())
        look(items, entry, `${path}[${index}]`, found);
    return;
  }
  if (!isJsonObject(value)) return;
  // Where any key may stand, none is unknown.
  if (schemas.some((it) => it.additional !== undefined || it.properties === undefined)) return;
  for (const [key, member] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const properties = schemas.flatMap((it) => {
      const index =
        it.properties !== undefined && Object.hasOwn(it.properties, key) ? it.properties[key] : undefined;
      return index === undefined ? [] : [schemaAt(index)];
    });
    if (properties.length > 0) {
      if (member !== undefined) look(properties, member, at, found);
    } else if (found.length < MOST_FOUND) {
      const meant = closestWord(key, [...new Set(schemas.flatMap((it) => Object.keys(it.properties ?? {})))]);
      found.push({ path: at, ...(meant === undefined ? {} : { meant }) });
    }
  }
}
