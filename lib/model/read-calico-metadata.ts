/**
 * The second home of names, labels and annotations on `crd.projectcalico.org/v1`: Calico's clients keep the v3 metadata as JSON
 * in the annotation `projectcalico.org/metadata`, and on reading it wins over the native maps, key by key.
 *
 * In: the annotations of an object. Out: what Calico reads there, or why it skips the whole object.
 * Must never happen: an object that counts here and not for Calico, or the other way round. So the annotation is read as Go's
 * decoder reads the type ObjectMeta: keys in any case, null for nothing, a wrong type anywhere spoils the whole.
 * Source: docs/calico.md 1.2, 1.3.
 */
import { CALICO_METADATA_ANNOTATION } from "../names/names.ts";
import { CALICO_V1 } from "./calico-group.ts";
import type { JsonObject, JsonValue, KubernetesObject, StringMap } from "./kubernetes-object.ts";
import { isJsonObject } from "./read-json.ts";

export type MetadataAnnotation =
  | { readonly kind: "absent" }
  /** `document` is the whole JSON, so that what we do not own survives a rewrite. */
  | {
      readonly kind: "present";
      readonly document: JsonObject;
      /** Empty: the object's own name counts. */
      readonly name: string;
      readonly labels: StringMap;
      readonly annotations: StringMap;
    }
  /** Calico cannot read it either and skips the whole object: for Felix it does not exist. */
  | { readonly kind: "unreadable"; readonly reason: string };

/** Name, labels and annotations as Calico reads them; `skipped`: for Calico the object does not exist. */
export type CalicoMetadata =
  | {
      readonly kind: "read";
      readonly name: string;
      readonly labels: StringMap;
      readonly annotations: StringMap;
    }
  | { readonly kind: "skipped"; readonly reason: string };

/** What Kubernetes stores of all annotations of an object together, in bytes. */
const LONGEST = 262_144;
/** Go's decoder gives up on what is nested deeper. */
const DEEPEST = 10_000;

/** Reads both homes of an object's metadata. In `projectcalico.org/v3`, and on objects that are not Calico's, the annotation means nothing. */
export function readCalicoMetadata({
  apiVersion,
  metadata,
}: Pick<KubernetesObject, "apiVersion" | "metadata">): CalicoMetadata {
  const { name } = metadata;
  // In a file a map may be null.
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const second: MetadataAnnotation =
    apiVersion === CALICO_V1 ? readMetadataAnnotation(annotations) : { kind: "absent" };
  switch (second.kind) {
    case "absent":
      return { kind: "read", name, labels, annotations };
    case "unreadable":
      return { kind: "skipped", reason: second.reason };
    case "present": {
      const { [CALICO_METADATA_ANNOTATION]: _document, ...native } = annotations;
      return {
        kind: "read",
        name: second.name === "" ? name : second.name,
        labels: { ...labels, ...second.labels },
        annotations: { ...native, ...second.annotations },
      };
    }
  }
}

/** Reads the annotation out of an object's native annotations. Never throws. */
export function readMetadataAnnotation(annotations: StringMap): MetadataAnnotation {
  const text = annotations[CALICO_METADATA_ANNOTATION];
  if (text === undefined) return { kind: "absent" };
  const members = readMembers(text);
  if (typeof members === "string") return { kind: "unreadable", reason: members };
  let [name, labels, inner]: [string, StringMap, StringMap] = ["", {}, {}];
  for (const [key, value] of members) {
    const field = fold(key);
    const complaint = complaintAbout(OBJECT_META.get(field), value, key);
    if (complaint !== undefined) return { kind: "unreadable", reason: complaint };
    // A key that comes again is read again, on top of what was read before; null clears maps and leaves texts alone.
    if (field === "name" && typeof value === "string") name = value.toWellFormed();
    if (field === "labels") labels = value === null ? {} : { ...labels, ...textsOf(value) };
    if (field === "annotations") inner = value === null ? {} : { ...inner, ...textsOf(value) };
  }
  return { kind: "present", document: Object.fromEntries(members), name, labels, annotations: inner };
}

/** Writes the annotation's text anew with other labels and annotations; everything else in it stays. */
export function writeMetadataAnnotation(
  document: JsonObject,
  labels: StringMap,
  annotations: StringMap,
): string {
  const rest = Object.entries(document).filter(([key]) => !["labels", "annotations"].includes(fold(key)));
  return JSON.stringify({
    ...Object.fromEntries(rest),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
}

type Shape = "text" | "texts" | "text map" | "whole number" | "boolean" | "time" | "anything" | Fields;
type Fields = ReadonlyMap<string, Shape>;

const OBJECT_META: Fields = fieldsOf({
  name: "text",
  generateName: "text",
  namespace: "text",
  selfLink: "text",
  uid: "text",
  resourceVersion: "text",
  generation: "whole number",
  creationTimestamp: "time",
  deletionTimestamp: "time",
  deletionGracePeriodSeconds: "whole number",
  labels: "text map",
  annotations: "text map",
  finalizers: "texts",
  ownerReferences: fieldsOf({
    apiVersion: "text",
    kind: "text",
    name: "text",
    uid: "text",
    controller: "boolean",
    blockOwnerDeletion: "boolean",
  }),
  managedFields: fieldsOf({
    manager: "text",
    operation: "text",
    apiVersion: "text",
    time: "time",
    fieldsType: "text",
    fieldsV1: "anything",
    subresource: "text",
  }),
});

function fieldsOf(shapes: Readonly<Record<string, Shape>>): Fields {
  return new Map(Object.entries(shapes).map(([name, shape]) => [fold(name), shape]));
}

/** Names that Go's decoder takes for the same: case does not count, nor does that of the two odd letters that fold to ASCII. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll("\u017f", "s");
}

/** What Go's decoder has against a value; nothing against null, and nothing against a field that the type does not have. */
function complaintAbout(shape: Shape | undefined, value: JsonValue, at: string): string | undefined {
  if (shape === undefined || shape === "anything" || value === null) return undefined;
  const wrong = (expected: string) => `${at.slice(0, 80)} is ${wordFor(value)}, not ${expected}`;
  switch (shape) {
    case "text":
      return typeof value === "string" ? undefined : wrong("a text");
    case "boolean":
      return typeof value === "boolean" ? undefined : wrong("true or false");
    case "whole number":
      return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63
        ? undefined
        : wrong("a whole number");
    case "time":
      return typeof value === "string" && isTime(value) ? undefined : wrong("a time");
    case "text map":
      if (!isJsonObject(value)) return wrong("a map");
      return first(Object.entries(value), ([key, it]) => complaintAbout("text", it ?? null, `${at}.${key}`));
    case "texts":
      if (!isList(value)) return wrong("a list");
      return first(value, (it, index) => complaintAbout("text", it, `${at}[${index}]`));
    default:
      if (!isList(value)) return wrong("a list");
      return first(value, (it, index) => complaintAboutEntry(shape, it, `${at}[${index}]`));
  }
}

function complaintAboutEntry(fields: Fields, value: JsonValue, at: string): string | undefined {
  if (value === null) return undefined;
  if (!isJsonObject(value)) return `${at} is ${wordFor(value)}, not a map`;
  return first(Object.entries(value), ([key, it]) =>
    complaintAbout(fields.get(fold(key)), it ?? null, `${at}.${key}`),
  );
}

function first<Item, Found>(
  items: readonly Item[],
  pick: (item: Item, index: number) => Found | undefined,
): Found | undefined {
  for (const [index, item] of items.entries()) {
    const found = pick(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function wordFor(value: JsonValue): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : typeof value === "string" ? "a text" : `a ${typeof value}`;
}

/** RFC 3339 as Go parses it: one digit may do for the hour, and a comma for the point. */
function isTime(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/
    .exec(text)
    ?.map(Number);
  if (parts === undefined) return false;
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const [zoneHours = 0, zoneMinutes = 0] = parts.slice(7).map((it) => (Number.isNaN(it) ? 0 : it));
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= days;
  return isDate && hour < 24 && minute < 60 && second < 60 && zoneHours <= 24 && zoneMinutes < 60;
}

/** A map of texts that was found right; Go reads a null member as an empty text, and mends what is no Unicode. */
function textsOf(value: JsonValue): StringMap {
  return Object.fromEntries(
    Object.entries(isJsonObject(value) ? value : {}).map(([key, it]) => [
      key.toWellFormed(),
      typeof it === "string" ? it.toWellFormed() : "",
    ]),
  );
}

type Member = readonly [key: string, value: JsonValue];

/** The members of a JSON object in their order, those that come twice too; none for null. A sentence when it is nothing of the kind. */
function readMembers(text: string): readonly Member[] | string {
  if (text.length > LONGEST) return `it is longer than the ${LONGEST} bytes that Kubernetes stores`;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return text === "" ? "it is empty" : "it is no JSON";
  }
  if (value === null) return [];
  if (!isJsonObject(value)) return `it is ${wordFor(value)}, not a map`;
  return splitMembers(text) ?? `it is nested more than ${DEEPEST} deep`;
}

/** @param text of a JSON object that is known to be well formed */
function splitMembers(text: string): readonly Member[] | undefined {
  const members: Member[] = [];
  let [depth, start, colon, quoted] = [0, 0, 0, false];
  const close = (end: number) => {
    if (colon > 0)
      members.push([
        JSON.parse(text.slice(start, colon)) as string,
        JSON.parse(text.slice(colon + 1, end)) as JsonValue,
      ]);
    [start, colon] = [end + 1, 0];
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (quoted) {
      if (letter === "\\") at++;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "{" || letter === "[") {
      if (++depth > DEEPEST) return undefined;
      if (depth === 1) start = at + 1;
    } else if (letter === "}" || letter === "]") {
      if (depth-- === 1) close(at);
    } else if (depth === 1 && letter === ",") close(at);
    else if (depth === 1 && letter === ":" && colon === 0) colon = at;
  }
  return members;
}
