/**
 * Would Calico and Kubernetes take the object, in which layer not and why; and what would Felix do with it if a raw write got
 * it in? All of it for one version of Calico.
 *
 * In: an object as somebody writes it, well formed or not. Out: what each layer says; nothing throws.
 * Source: docs/calico.md 17, 0 items 1, 4 to 7; schemas/README.md; test/oracle/validation.jsonl.
 */
import type { JsonObject, KubernetesObject } from "../../model/kubernetes-object.ts";
import { MASTER, type CalicoVersion } from "../version/calico-version.ts";
import { admitObject } from "./admit-object.ts";
import { checkGoTags } from "./check-go-tags.ts";
import { checkRules } from "./check-lists-and-rules.ts";
import { checkStructure } from "./check-structure.ts";
import type { Complaint } from "./complaint.ts";
import { decodeGo, type GoRecord } from "./decode-go.ts";
import { encodeGo } from "./encode-go.ts";
import { felixObjections } from "./felix-objections.ts";
import { prepareCustomObject } from "./prepare-custom-object.ts";
import { hasGoKind } from "./schemas/go-types.ts";
import { isBefore, schemaStateOf, type SchemaState } from "./schemas/schema-state.ts";
import { schemaOf, type SchemaGroup } from "./schemas/structural-schemas.ts";

export type Layer = { readonly valid: boolean; readonly complaints: readonly Complaint[] };
export type Validation = {
  /** What somebody who goes through Calico's client meets: its validator, and from 3.32 the schemas that it has built in. */
  readonly client: Layer;
  /** Calico's validator alone: what calicoctl and the aggregated API server ask; raw writes bypass it. */
  readonly calico: Layer;
  /** The API server with the definitions of a group; `undefined` where that version has no such definition. */
  readonly admission: Readonly<Record<SchemaGroup, Layer | undefined>>;
  /** Felix; `undefined` when the object never gets that far: nobody can decode it, or Felix does not read its kind. */
  readonly felix: Layer | undefined;
};

/** @param version of Calico; default: the newest state that the rules were read from */
export function validateObject(object: KubernetesObject, version: CalicoVersion = MASTER): Validation {
  const state = schemaStateOf(version);
  const json = object as unknown as JsonObject;
  const decoded = hasGoKind(state, object.kind) ? decodeGo(state, object.kind, json) : undefined;
  const admission = {
    "crd.projectcalico.org/v1": admissionLayer(json, state, "crd.projectcalico.org/v1"),
    "projectcalico.org/v3": admissionLayer(json, state, "projectcalico.org/v3"),
  };
  if (decoded === undefined) {
    const unknown = layerOf([{ field: "kind", reason: `this version of Calico has no ${object.kind}` }]);
    return { client: unknown, calico: unknown, admission, felix: undefined };
  }
  if (decoded.kind === "undecodable") {
    const layer = layerOf(decoded.problems.map((reason) => ({ field: "<decode>", reason })));
    return { client: layer, calico: layer, admission, felix: undefined };
  }
  const calico = checkGoTags(state, object.kind, decoded.record);
  const felix = felixObjections(object.kind, decoded.record, version);
  return {
    client: layerOf([...calico, ...builtInSchema(state, object.kind, decoded.record)]),
    calico: layerOf(calico),
    admission,
    felix: felix === undefined ? undefined : layerOf(felix),
  };
}

/** From 3.32 Calico's validator asks the schemas too: of what Go would write, and without looking for duplicates. */
function builtInSchema(state: SchemaState, kind: string, record: GoRecord): Complaint[] {
  const schema = isBefore(state, "v3.32") ? undefined : schemaOf(state, "projectcalico.org/v3", kind);
  if (schema === undefined) return [];
  const written = prepareCustomObject(schema, encodeGo(state, kind, record));
  const name = encodeGo(state, kind, record)["metadata"];
  const object = { ...(written as JsonObject), metadata: name ?? {} };
  return [...checkStructure(schema, object, ""), ...checkRules(schema, object, "")].map(
    ({ field, reason }) => ({ field: field === "<root>" ? kind : field, reason }),
  );
}

function admissionLayer(object: JsonObject, state: SchemaState, group: SchemaGroup): Layer | undefined {
  const admission = admitObject(object, state, group);
  return admission === undefined ? undefined : layerOf(admission.complaints);
}

function layerOf(complaints: readonly Complaint[]): Layer {
  return { valid: complaints.length === 0, complaints };
}
