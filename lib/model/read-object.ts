/** Any served object -> `KubernetesObject`: the typed parts checked, `managedFields` dropped, the rest as it came. */
import type { JsonObject, KubernetesObject, ObjectMeta, StringMap } from "./kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt, stringMapAt, stringsAt } from "./read-json.ts";
import type { Intern } from "./project-node.ts";

/**
 * `managedFields` are half of a small object and say nothing to us; a PUT without them leaves them as they are
 * (apimachinery, managedfields: an update without managed fields keeps the live ones).
 *
 * @param kind and `apiVersion` stand in where a list does not repeat them in its items
 */
export function readObject(
  raw: JsonObject,
  apiVersion: string,
  kind: string,
  intern: Intern = (text) => text,
): KubernetesObject {
  const { spec, status, ...rest } = raw;
  return {
    ...rest,
    apiVersion: stringAt(raw, "apiVersion") ?? apiVersion,
    kind: stringAt(raw, "kind") ?? kind,
    metadata: readMetadata(objectAt(raw, "metadata"), intern),
    ...(isJsonObject(spec) ? { spec } : {}),
    ...(isJsonObject(status) ? { status } : {}),
  };
}

function readMetadata(raw: JsonObject, intern: Intern): ObjectMeta {
  const { managedFields: _managedFields, labels, annotations, finalizers, ownerReferences, ...rest } = raw;
  return {
    ...rest,
    ...texts(raw),
    name: stringAt(raw, "name") ?? "",
    ...(labels === undefined ? {} : { labels: internMap(stringMapAt(raw, "labels"), intern) }),
    ...(annotations === undefined ? {} : { annotations: stringMapAt(raw, "annotations") }),
    ...(finalizers === undefined ? {} : { finalizers: stringsAt(raw, "finalizers") }),
    ...(ownerReferences === undefined
      ? {}
      : { ownerReferences: arrayAt(raw, "ownerReferences").filter(isJsonObject) }),
  };
}

const textFields = ["namespace", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp"] as const;

function texts(raw: JsonObject): Partial<Record<(typeof textFields)[number], string>> {
  const found: Partial<Record<(typeof textFields)[number], string>> = {};
  for (const field of textFields) {
    const value = stringAt(raw, field);
    if (value !== undefined) found[field] = value;
  }
  return found;
}

function internMap(map: StringMap, intern: Intern): StringMap {
  const interned: Record<string, string> = {};
  for (const key in map) interned[key] = intern(map[key] ?? "");
  return interned;
}
