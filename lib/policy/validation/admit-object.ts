/**
 * What a Kubernetes API server that serves Calico's definitions of that version refuses, whoever writes.
 *
 * In: an object as somebody would send it. Out: complaints, and the object as it would be stored; `undefined` where that
 * version has no such definition.
 * Source: Kubernetes (metadata, structural schemas, CEL); schemas/README.md; test/oracle/validation.jsonl.
 */
import type { JsonObject, JsonValue } from "../../model/kubernetes-object.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { checkLists, checkRules } from "./check-lists-and-rules.ts";
import { checkServedMetadata } from "./check-metadata.ts";
import { checkStructure } from "./check-structure.ts";
import type { Complaint } from "./complaint.ts";
import { decodeGo } from "./decode-go.ts";
import { prepareCustomObject } from "./prepare-custom-object.ts";
import type { SchemaState } from "./schemas/schema-state.ts";
import { schemaOf, type SchemaGroup, type SchemaNode } from "./schemas/structural-schemas.ts";

export type Admission = { readonly complaints: readonly Complaint[]; readonly stored: JsonObject };

export function admitObject(
  object: JsonObject,
  state: SchemaState,
  group: SchemaGroup,
): Admission | undefined {
  const schema = schemaOf(state, group, textOf(object["kind"]));
  if (schema === undefined) return undefined;
  const metadata = decodeGo(state, "ObjectMeta", object["metadata"] ?? null, "exact");
  if (metadata.kind === "undecodable")
    return {
      complaints: [{ field: "metadata", reason: metadata.problems.join("; ") }],
      stored: {},
    };
  const stored = prepare(schema, object);
  const named = checkServedMetadata(metadata.record);
  const structure = checkStructure(schema, stored, "");
  const isBlocked = named.some(({ blocking }) => blocking) || structure.some(({ blocking }) => blocking);
  return {
    complaints: [
      ...named,
      ...structure,
      ...checkLists(schema, stored, ""),
      ...(isBlocked ? [] : checkRules(schema, stored, "")),
    ].map(({ field, reason }) => ({ field, reason })),
    stored,
  };
}

/** The schema's fields apart from the metadata, of which the rules ask the name alone. */
function prepare(schema: SchemaNode, object: JsonObject): JsonObject {
  const prepared = prepareCustomObject(schema, { ...object, metadata: {} });
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  return { ...(isJsonObject(prepared) ? prepared : {}), metadata: { name: textOf(metadata["name"]) } };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
