import type { Complaint } from "./complaint.ts";
import { goList, goStrings, goText, type GoRecord } from "./decode-go.ts";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const MAXIMUM_ANNOTATION_BYTES = 256 * 1024;

/** True for a lower-case DNS subdomain of any length: what Calico's validator calls a name. */
export function isName(text: string): boolean {
  return SUBDOMAIN.test(text);
}

/** True for a DNS label of at most 63 characters. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && DNS_LABEL.test(text);
}

/** True for the key of a label: a name of at most 63 characters, with or without a DNS subdomain before it. */
export function isQualifiedName(key: string): boolean {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2 || name.length > 63 || !QUALIFIED_NAME.test(name)) return false;
  const [prefix = ""] = parts;
  return parts.length === 1 || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
}

/** True for the value of a label. */
export function isLabelValue(value: string): boolean {
  return value.length <= 63 && LABEL_VALUE.test(value);
}

/** Length in bytes of UTF-8, as Go counts. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

type ServedComplaint = Complaint & { readonly blocking: boolean };

/** Metadata as every Kubernetes API server checks it. Source: Kubernetes, ValidateObjectMeta. */
export function checkServedMetadata(metadata: GoRecord): ServedComplaint[] {
  const complaints: ServedComplaint[] = [];
  const name = goText(metadata, "name");
  const wrong = (field: string, reason: string, blocking = false): void =>
    void complaints.push({ field, reason, blocking });
  if (name === "") {
    if (goText(metadata, "generateName") === "") wrong("metadata.name", "is required", true);
  } else if (name.length > 253 || !SUBDOMAIN.test(name)) {
    wrong("metadata.name", "must be a lower-case DNS subdomain of at most 253 characters");
  }
  const labels = [...goStrings(metadata, "labels")];
  if (labels.some(([key, value]) => !isQualifiedName(key) || !isLabelValue(value)))
    wrong("metadata.labels", "a key or a value is no Kubernetes label");
  const annotations = [...goStrings(metadata, "annotations")];
  if (annotations.some(([key]) => !isQualifiedName(key.toLowerCase())))
    wrong("metadata.annotations", "a key is no qualified name");
  const bytes = annotations.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (bytes > MAXIMUM_ANNOTATION_BYTES)
    wrong("metadata.annotations", `may have at most ${MAXIMUM_ANNOTATION_BYTES} bytes`, true);
  for (const [index, finalizer] of goList(metadata, "finalizers").entries()) {
    if (typeof finalizer === "string" && isQualifiedName(finalizer)) continue;
    wrong(`metadata.finalizers[${index}]`, "is no qualified name");
  }
  return complaints;
}

/** Annotations as Calico's own validator checks them. */
export function checkAnnotations(annotations: ReadonlyMap<string, string>): Complaint[] {
  const field = "Metadata.Annotations (key)";
  const complaints: Complaint[] = [];
  if ([...annotations.keys()].some((key) => !isQualifiedName(key.toLowerCase())))
    complaints.push({ field, reason: "a key is no qualified name" });
  const bytes = [...annotations].reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  if (bytes > MAXIMUM_ANNOTATION_BYTES)
    complaints.push({ field, reason: `may have at most ${MAXIMUM_ANNOTATION_BYTES} bytes in all` });
  return complaints;
}

/** Labels as Calico's own validator checks them. */
export function checkLabels(labels: ReadonlyMap<string, string>): Complaint[] {
  const complaints: Complaint[] = [];
  for (const [key, value] of labels) {
    if (!isQualifiedName(key))
      complaints.push({ field: "Metadata.Labels (label)", reason: `${key} is no label key` });
    if (!isLabelValue(value))
      complaints.push({ field: "Metadata.Labels (value)", reason: `${value} is no label value` });
  }
  return complaints;
}
