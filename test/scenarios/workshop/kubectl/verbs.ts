/** The verbs that the workshop uses, with the words that kubectl prints. */
import { readFile } from "node:fs/promises";
import { parseAllDocuments, stringify } from "yaml";
import type { Answer, ApiServer, KubernetesBody, Method, PatchBody } from "./api-server.ts";
import { FailedRequest, UnknownToStandIn } from "./failures.ts";
import {
  displayName,
  pathOf,
  qualified,
  resourceCalled,
  resourceOfKind,
  type Resource,
} from "./resources.ts";

export type Cluster = {
  readonly server: ApiServer;
  readonly resources: readonly Resource[];
  readonly print: (line: string) => void;
  /** Without the end of a line, as a jsonpath is. */
  readonly printRaw: (text: string) => void;
  readonly warn: (line: string) => void;
};

const mergePatch = "application/merge-patch+json";

/** kubectl merges three ways on its own side, the server does it here; both refuse unknown fields. */
export async function apply(file: string, cluster: Cluster): Promise<void> {
  for (const { object, resource, name, namespace } of await objectsIn(file, cluster)) {
    const path = pathOf(resource, name, namespace);
    const before = await cluster.server.request("GET", path);
    const after = await ask(cluster, "PATCH", `${path}?fieldManager=kubectl&fieldValidation=Strict`, {
      contentType: "application/apply-patch+yaml",
      value: object,
    });
    cluster.print(
      `${displayName(resource, name)} ${before.status === 404 ? "created" : change(before, after)}`,
    );
  }
}

export async function deleteFile(file: string, cluster: Cluster): Promise<void> {
  for (const { resource, name, namespace } of await objectsIn(file, cluster)) {
    await ask(cluster, "DELETE", pathOf(resource, name, namespace));
    const place = resource.namespaced ? ` from ${namespace ?? "default"} namespace` : "";
    cluster.print(`${qualified(resource)} "${name}" deleted${place}`);
  }
}

/** @param changes `key=value` sets, `key-` removes */
export async function label(
  type: string,
  name: string,
  changes: readonly string[],
  cluster: Cluster,
): Promise<void> {
  const resource = resourceCalled(type, cluster.resources);
  const path = pathOf(resource, name);
  const labels = (await ask(cluster, "GET", path)).body.metadata?.labels ?? {};
  const patch: Record<string, string | null> = {};
  for (const text of changes) {
    const [key = "", value] = text.endsWith("-") ? [text.slice(0, -1), null] : text.split("=", 2);
    if (value === undefined) throw new UnknownToStandIn(`label ${text}`);
    if (value === null && !(key in labels)) throw new FailedRequest(`label "${key}" not found.`);
    if (value !== null && key in labels && labels[key] !== value)
      throw new FailedRequest(
        `error: '${key}' already has a value (${labels[key]}), and --overwrite is false`,
      );
    patch[key] = value;
  }
  await ask(cluster, "PATCH", path, { contentType: mergePatch, value: { metadata: { labels: patch } } });
  const onlyRemoved = Object.values(patch).every((it) => it === null);
  cluster.print(`${displayName(resource, name)} ${onlyRemoved ? "unlabeled" : "labeled"}`);
}

export async function patch(type: string, name: string, text: string, cluster: Cluster): Promise<void> {
  const resource = resourceCalled(type, cluster.resources);
  const path = pathOf(resource, name);
  const before = await cluster.server.request("GET", path);
  const value: unknown = JSON.parse(text);
  const after = await ask(cluster, "PATCH", path, { contentType: mergePatch, value });
  const note = change(before, after) === "unchanged" ? " (no change)" : "";
  cluster.print(`${displayName(resource, name)} patched${note}`);
}

export async function get(
  types: string,
  name: string | undefined,
  output: string,
  cluster: Cluster,
): Promise<void> {
  const found: { readonly resource: Resource; readonly object: KubernetesBody }[] = [];
  for (const type of types.split(",")) {
    const resource = resourceCalled(type, cluster.resources);
    const { body } = await ask(cluster, "GET", pathOf(resource, name));
    // The items of a list do not say what they are.
    const { groupVersion: apiVersion, kind } = resource;
    for (const object of body.items ?? [body])
      found.push({ resource, object: { apiVersion, kind, ...object } });
  }
  const path = /^jsonpath=\{((?:\.[\w-]+)+)\}$/.exec(output)?.[1];
  if (output === "name")
    for (const { resource, object } of found)
      cluster.print(displayName(resource, object.metadata?.name ?? ""));
  else if (output === "yaml") {
    const objects = found.map(({ object }) => object);
    const list = { apiVersion: "v1", kind: "List", items: objects };
    cluster.print(stringify(name === undefined ? list : objects[0]).trimEnd());
  } else if (path !== undefined && name !== undefined)
    cluster.printRaw(textOf(path.slice(1).split(".").reduce(step, found[0]?.object)));
  else throw new UnknownToStandIn(`get -o ${output}`);
}

function step(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function change(before: Answer, after: Answer): "configured" | "unchanged" {
  const same = before.body.metadata?.resourceVersion === after.body.metadata?.resourceVersion;
  return same ? "unchanged" : "configured";
}

async function ask(cluster: Cluster, method: Method, path: string, body?: PatchBody): Promise<Answer> {
  const answer = await cluster.server.request(method, path, body);
  for (const warning of answer.warnings) cluster.warn(`Warning: ${warning}`);
  if (answer.status < 300) return answer;
  throw new FailedRequest(`Error from server (${answer.body.reason}): ${answer.body.message}`);
}

type ObjectInFile = {
  readonly object: KubernetesBody;
  readonly resource: Resource;
  readonly name: string;
  readonly namespace: string | undefined;
};

async function objectsIn(file: string, { resources }: Cluster): Promise<readonly ObjectInFile[]> {
  const documents = parseAllDocuments(await readFile(file, "utf8"));
  return [...documents].map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new FailedRequest(`error: error parsing ${file}: ${error.message}`);
    const object = document.toJS() as KubernetesBody;
    const { name = "", namespace } = object.metadata ?? {};
    return {
      object,
      resource: resourceOfKind(object.apiVersion ?? "", object.kind ?? "", resources),
      name,
      namespace: typeof namespace === "string" ? namespace : undefined,
    };
  });
}
