/**
 * A Node as the API serves it -> the few fields that we decide by.
 * A Node of 12 KB (images, conditions, managedFields) becomes about 1 KB, page by page, so a large cluster fits a small Lambda.
 */
import type { JsonObject, StringMap } from "./kubernetes-object.ts";
import { KUBELET_PORT, PROVIDED_NODE_IP, type Node, type NodeAddress } from "./node.ts";
import { INSTALLER_ANNOTATIONS } from "./provider.ts";
import { arrayAt, isJsonObject, numberAt, objectAt, stringAt, stringMapAt, stringsAt } from "./read-json.ts";
import { readTaints } from "./read-taints.ts";

/** Makes equal texts one text in memory; the same zone and instance type stand on every Node. */
export type Intern = (text: string) => string;

/** An `Intern` with a memory of its own; let go of it with the list that it served. */
export function createIntern(): Intern {
  const known = new Map<string, string>();
  return (text) => {
    const first = known.get(text);
    if (first !== undefined) return first;
    known.set(text, text);
    return text;
  };
}

/** Projects one Node. Missing fields become empty ones; the caller has checked that it has a name. */
export function projectNode(raw: JsonObject, intern: Intern = (text) => text): Node {
  const metadata = objectAt(raw, "metadata");
  const spec = objectAt(raw, "spec");
  const status = objectAt(raw, "status");
  const providerId = stringAt(spec, "providerID");
  const info = objectAt(status, "nodeInfo");
  const operatingSystem = stringAt(info, "operatingSystem");
  const annotations = stringMapAt(metadata, "annotations");
  const installerMarks = Object.keys(annotations).filter((key) =>
    INSTALLER_ANNOTATIONS.some((it) => key.startsWith(it)),
  );
  const kubeletPort = numberAt(objectAt(objectAt(status, "daemonEndpoints"), "kubeletEndpoint"), "Port");
  const createdAt = stringAt(metadata, "creationTimestamp");
  return {
    name: stringAt(metadata, "name") ?? "",
    uid: stringAt(metadata, "uid") ?? "",
    ...(providerId === undefined || providerId === "" ? {} : { providerId }),
    labels: internValues(stringMapAt(metadata, "labels"), intern),
    annotations: decidingAnnotations(annotations),
    addresses: arrayAt(status, "addresses").flatMap(readAddress),
    taints: readTaints(spec),
    ready: readReady(status),
    ...(operatingSystem === undefined ? {} : { operatingSystem: intern(operatingSystem) }),
    podCidrs: readPodCidrs(spec),
    ...internedField(info, "kubeletVersion", intern),
    ...internedField(info, "osImage", intern),
    ...(installerMarks.length === 0 ? {} : { installerMarks: installerMarks.map(intern) }),
    ...(kubeletPort === undefined || kubeletPort === KUBELET_PORT || !isPort(kubeletPort)
      ? {}
      : { kubeletPort }),
    ...(createdAt === undefined ? {} : { createdAt }),
    deleting: stringAt(metadata, "deletionTimestamp") !== undefined,
  };
}

function internValues(labels: StringMap, intern: Intern): StringMap {
  const interned: Record<string, string> = {};
  for (const key in labels) interned[key] = intern(labels[key] ?? "");
  return interned;
}

function internedField<Key extends string>(
  info: JsonObject,
  key: Key,
  intern: Intern,
): { readonly [K in Key]?: string } {
  const value = stringAt(info, key);
  return value === undefined || value === ""
    ? {}
    : ({ [key]: intern(value) } as { readonly [K in Key]?: string });
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

function decidingAnnotations(annotations: StringMap): StringMap {
  const kept: Record<string, string> = {};
  for (const key in annotations) {
    if (key.startsWith("projectcalico.org/") || key === PROVIDED_NODE_IP) kept[key] = annotations[key] ?? "";
  }
  return kept;
}

function readAddress(value: unknown): readonly NodeAddress[] {
  if (!isJsonObject(value)) return [];
  const type = stringAt(value, "type");
  const address = stringAt(value, "address");
  return type === undefined || address === undefined ? [] : [{ type, address }];
}

function readReady(status: JsonObject): Node["ready"] {
  for (const condition of arrayAt(status, "conditions")) {
    if (!isJsonObject(condition) || condition["type"] !== "Ready") continue;
    return condition["status"] === "True" ? "True" : condition["status"] === "False" ? "False" : "Unknown";
  }
  return "Unknown";
}

function readPodCidrs(spec: JsonObject): readonly string[] {
  const all = stringsAt(spec, "podCIDRs");
  if (all.length > 0) return all;
  const first = stringAt(spec, "podCIDR");
  return first === undefined || first === "" ? [] : [first];
}
