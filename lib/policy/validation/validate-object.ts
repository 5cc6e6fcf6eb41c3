import { CALICO_V3 } from "../../model/calico-group.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { decodeHostEndpoint } from "../../model/read-host-endpoint.ts";
import { decodePolicy, objectionsToPolicy } from "../world/decode-policy.ts";
import { endpointFieldsOfModel, objectionsToEndpoint, type EndpointFields } from "../world/endpoint.ts";
import { checkAdmissionRules } from "./admission-rules.ts";
import { SPEC_SCHEMAS } from "./calico-schemas.ts";
import { checkCalicoMetadata, checkKubernetesMetadata } from "./check-metadata.ts";
import { checkSchema, type Complaint } from "./check-schema.ts";
import { decodeProblems } from "./decode-problems.ts";
import { validateEndpoint } from "./validate-endpoint.ts";
import { fatalForFelix, validateFelixConfiguration } from "./validate-felix.ts";
import { validatePolicy } from "./validate-policy.ts";

/** What each layer says about an object of Calico. */
export type Validation = {
  /** Nobody refuses it when it comes through Calico's own typed clients (calicoctl); a raw write may still fail in `admission`. */
  readonly valid: boolean;
  /** Fields that somebody objects to, sorted, in the words of the layer that objects. */
  readonly fields: readonly string[];
  /** Calico's own validator: calicoctl and the aggregated API server use it, raw writes bypass it. */
  readonly calico: Layer;
  /** The API server with the CRDs; both groups have the same rules. */
  readonly admission: Layer;
  /** False when Felix drops the object, or cannot run with it. `undefined` when it never gets that far: it cannot be decoded. */
  readonly felixKeeps: boolean | undefined;
  readonly felixObjections: readonly Complaint[];
};
export type Layer = { readonly valid: boolean; readonly complaints: readonly Complaint[] };

/**
 * Would the API refuse the object, in which layer and why; and what would Felix do with it if a raw write got it in?
 * Source: docs/calico.md 17, 0 items 1, 4 to 7; test/oracle/validation.jsonl.
 */
export function validateObject(object: KubernetesObject): Validation {
  const problems = decodeProblems(object);
  const calico =
    problems.length > 0
      ? problems.map((reason): Complaint => ({ field: "<decode>", reason }))
      : calicoComplaints(object);
  const admission = admissionComplaints(object);
  const typed = admission.filter(({ kind }) => kind === undefined);
  const felixObjections = problems.length > 0 ? [] : felixComplaints(object);
  return {
    valid: calico.length === 0 && typed.length === 0,
    fields: problems.length > 0 ? ["<decode>"] : fieldsOf(object, calico, typed),
    calico: { valid: calico.length === 0, complaints: calico },
    admission: { valid: admission.length === 0, complaints: admission },
    felixKeeps: problems.length > 0 || object.kind === "Tier" ? undefined : felixObjections.length === 0,
    felixObjections,
  };
}

/** What the API server refuses, whoever writes: object names and labels, schema, CEL rules. */
export function admissionComplaints(object: KubernetesObject): Complaint[] {
  const schema = SPEC_SCHEMAS[object.kind];
  if (schema === undefined) return [];
  const labels: Readonly<Record<string, unknown>> = object.metadata.labels ?? {};
  const undecodable = Object.values(labels).some((value) => value !== null && typeof value !== "string");
  const metadata = undecodable
    ? [{ field: "metadata", reason: "label values must be strings" }]
    : checkKubernetesMetadata(object);
  return [...metadata, ...checkSchema(schema, object.spec, "spec"), ...checkAdmissionRules(object)];
}

/** What Felix objects to, or what keeps it from running. */
export function felixComplaints(object: KubernetesObject): Complaint[] {
  const asComplaint = (field: string): Complaint => ({ field, reason: "Felix's own check" });
  switch (object.kind) {
    case "HostEndpoint":
      return objectionsToEndpoint(endpointOf(object)).map(asComplaint);
    case "GlobalNetworkPolicy":
    case "StagedGlobalNetworkPolicy":
      return objectionsToPolicy(decodePolicy(object, "")).map(asComplaint);
    case "NetworkPolicy":
    case "StagedNetworkPolicy":
      return objectionsToPolicy(decodePolicy(object, object.metadata.namespace ?? "default")).map(
        asComplaint,
      );
    case "FelixConfiguration":
      return fatalForFelix(object.spec ?? {});
    default:
      return [];
  }
}

function calicoComplaints(object: KubernetesObject): Complaint[] {
  const metadata = checkCalicoMetadata(object);
  switch (object.kind) {
    case "HostEndpoint":
      return [...metadata, ...validateEndpoint(endpointOf(object))];
    case "GlobalNetworkPolicy":
    case "NetworkPolicy":
    case "StagedGlobalNetworkPolicy":
    case "StagedNetworkPolicy":
      return [...metadata, ...validatePolicy(object)];
    case "FelixConfiguration":
      return [...metadata, ...validateFelixConfiguration(object.spec ?? {})];
    case "Tier": {
      const action = object.spec?.["defaultAction"];
      const known =
        action === undefined || action === null || action === "" || action === "Pass" || action === "Deny";
      return known ? metadata : [...metadata, { field: "DefaultAction", reason: "must be Pass or Deny" }];
    }
    default:
      return metadata;
  }
}

function endpointOf(object: KubernetesObject): EndpointFields {
  return endpointFieldsOfModel(decodeHostEndpoint(CALICO_V3, object));
}

/** Both layers name the metadata in their own way: one name is enough. A rule of the whole object is named by its kind. */
function fieldsOf(
  object: KubernetesObject,
  calico: readonly Complaint[],
  admission: readonly Complaint[],
): string[] {
  const named = admission
    .map(({ field }) => (field === "<root>" ? object.kind : field))
    .filter(
      (field) =>
        !(
          field.startsWith("metadata.") && calico.some((complaint) => complaint.field.startsWith("Metadata."))
        ),
    );
  return [...new Set([...calico.map(({ field }) => field), ...named])].sort();
}
