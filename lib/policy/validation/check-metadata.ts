import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { Complaint } from "./check-schema.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const POLICY_NAME = new RegExp(`^${LABEL}(\\.${LABEL})?$`);
const TIER_NAME = new RegExp(`^${LABEL}$`);
const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** True for a lower-case DNS subdomain of at most 253 characters: names of objects, and node names in HostEndpoints. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

/** Names and labels as every Kubernetes API server checks them. */
export function checkKubernetesMetadata(object: KubernetesObject): Complaint[] {
  const complaints = isSubdomain(object.metadata.name)
    ? []
    : [{ field: "metadata.name", reason: "must be a lower-case DNS subdomain of at most 253 characters" }];
  const labels = Object.entries(object.metadata.labels ?? {});
  if (labels.some(([key, value]) => !isQualifiedName(key) || !isLabelValue(value))) {
    complaints.push({ field: "metadata.labels", reason: "a key or a value is no Kubernetes label" });
  }
  if (Object.keys(object.metadata.annotations ?? {}).some((key) => !isQualifiedName(key.toLowerCase()))) {
    complaints.push({ field: "metadata.annotations", reason: "a key is no qualified name" });
  }
  return complaints;
}

/** The same by Calico's own validator, which is stricter with names of policies and tiers (docs/calico.md 1.4, 0 item 7). */
export function checkCalicoMetadata(object: KubernetesObject): Complaint[] {
  const { name, labels, annotations } = object.metadata;
  const complaints: Complaint[] = [];
  if (!isCalicoName(object.kind, name))
    complaints.push({ field: "Metadata.Name", reason: `no name for a ${object.kind}` });
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!isQualifiedName(key))
      complaints.push({ field: "Metadata.Labels (label)", reason: `${key} is no label key` });
    if (!isLabelValue(value))
      complaints.push({ field: "Metadata.Labels (value)", reason: `${String(value)} is no label value` });
  }
  if (Object.keys(annotations ?? {}).some((key) => !isQualifiedName(key.toLowerCase()))) {
    complaints.push({ field: "Metadata.Annotations (annotations)", reason: "a key is no qualified name" });
  }
  return complaints;
}

function isCalicoName(kind: string, name: string): boolean {
  if (!isSubdomain(name)) return false;
  if (kind === "Tier") return name.length <= 63 && TIER_NAME.test(name);
  return kind.endsWith("NetworkPolicy") ? POLICY_NAME.test(name) : true;
}

function isQualifiedName(key: string): boolean {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2 || name.length > 63 || !QUALIFIED_NAME.test(name)) return false;
  const [prefix] = parts;
  return parts.length === 1 || (prefix !== undefined && isSubdomain(prefix));
}

/** Null, which YAML writes easily, becomes an empty value. */
function isLabelValue(value: unknown): boolean {
  return value === null || (typeof value === "string" && value.length <= 63 && LABEL_VALUE.test(value));
}
