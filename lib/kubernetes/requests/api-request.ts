/** One request to the API server, in the words that RBAC, messages and metrics use. */
import type { ResourcePath } from "../../ports/kubernetes.ts";

export type Verb = "get" | "list" | "create" | "update" | "delete";

export type ApiRequest = {
  readonly verb: Verb;
  /** API group; empty for the core group. */
  readonly group: string;
  /** Plural, lower case; for paths that are no resource (`/version`) the path itself. */
  readonly resource: string;
  readonly name?: string;
  /** With query. */
  readonly path: string;
  readonly body?: object;
  /** Media type of the answer; absent: JSON, the object as it is. */
  readonly accept?: string;
  /** True when asking twice does no harm: reads, and access reviews, which are POSTed but store nothing. */
  readonly repeatable: boolean;
};

const methods = { get: "GET", list: "GET", create: "POST", update: "PUT", delete: "DELETE" } as const;

export function methodOf(verb: Verb): (typeof methods)[Verb] {
  return methods[verb];
}

/** A read of a path that is no resource, such as `/apis` or `/version`. */
export function pathRequest(path: string): ApiRequest {
  return { verb: "get", group: "", resource: path, path, repeatable: true };
}

/** A request on a resource, or on one object of it. */
export function resourceRequest(
  verb: Verb,
  at: ResourcePath,
  more: {
    readonly name?: string;
    readonly query?: string;
    readonly body?: object;
    readonly accept?: string;
  } = {},
): ApiRequest {
  const { name, query, body, accept } = more;
  const named = name !== undefined && verb !== "create";
  return {
    verb,
    group: groupOf(at.groupVersion),
    resource: at.resource,
    ...(name === undefined ? {} : { name }),
    path: `${collectionPath(at)}${named ? `/${encodeURIComponent(name)}` : ""}${query === undefined ? "" : `?${query}`}`,
    ...(body === undefined ? {} : { body }),
    ...(accept === undefined ? {} : { accept }),
    repeatable: verb === "get" || verb === "list",
  };
}

/** `hostendpoints.crd.projectcalico.org`, or `nodes` for the core group. */
export function qualifiedResource(request: Pick<ApiRequest, "group" | "resource">): string {
  return request.group === "" ? request.resource : `${request.resource}.${request.group}`;
}

/** `list nodes`, `get hostendpoints.crd.projectcalico.org "n1"`: the beginning of every message about it. */
export function describeRequest(request: ApiRequest): string {
  return `${request.verb} ${qualifiedResource(request)}${request.name === undefined ? "" : ` "${request.name}"`}`;
}

function groupOf(groupVersion: string): string {
  const slash = groupVersion.indexOf("/");
  return slash < 0 ? "" : groupVersion.slice(0, slash);
}

function collectionPath(at: ResourcePath): string {
  const root = at.groupVersion.includes("/") ? `/apis/${at.groupVersion}` : `/api/${at.groupVersion}`;
  const namespace = at.namespace === undefined ? "" : `/namespaces/${encodeURIComponent(at.namespace)}`;
  return `${root}${namespace}/${at.resource}`;
}
