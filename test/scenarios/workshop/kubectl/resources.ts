import type { ApiServer } from "./api-server.ts";
import { FailedRequest } from "./failures.ts";

/** What the server serves of one kind. */
export type Resource = {
  readonly groupVersion: string;
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
};

type Discovery = {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly singularResource: string;
        readonly scope: "Cluster" | "Namespaced";
        readonly responseKind: { readonly kind: string };
      }[];
    }[];
  }[];
};

export async function discover(server: ApiServer): Promise<readonly Resource[]> {
  const answers = await Promise.all([server.request("GET", "/api"), server.request("GET", "/apis")]);
  return answers
    .flatMap(({ body }) => (body as unknown as Discovery).items)
    .flatMap((group) => {
      const name = group.metadata.name ?? "";
      return group.versions.flatMap(({ version, resources }) =>
        resources.map((it) => ({
          groupVersion: name === "" ? version : `${name}/${version}`,
          group: name,
          plural: it.resource,
          singular: it.singularResource,
          kind: it.responseKind.kind,
          namespaced: it.scope === "Namespaced",
        })),
      );
    });
}

/** `node`, `nodes`, `hostendpoints.projectcalico.org`. @throws FailedRequest as kubectl says it */
export function resourceCalled(type: string, resources: readonly Resource[]): Resource {
  const found = resources.find((it) =>
    [it.plural, it.singular].some((name) => type === name || type === `${name}.${it.group}`),
  );
  if (found === undefined)
    throw new FailedRequest(`error: the server doesn't have a resource type "${type}"`);
  return found;
}

/** @throws FailedRequest as kubectl says it */
export function resourceOfKind(apiVersion: string, kind: string, resources: readonly Resource[]): Resource {
  const found = resources.find((it) => it.groupVersion === apiVersion && it.kind === kind);
  if (found === undefined)
    throw new FailedRequest(
      `error: resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}"`,
    );
  return found;
}

export function pathOf(resource: Resource, name?: string, namespace = "default"): string {
  const base = resource.group === "" ? `/api/${resource.groupVersion}` : `/apis/${resource.groupVersion}`;
  const place = resource.namespaced ? `/namespaces/${namespace}` : "";
  return `${base}${place}/${resource.plural}${name === undefined ? "" : `/${name}`}`;
}

/** `service/web`, `deployment.apps/web`. */
export function displayName(resource: Resource, name: string): string {
  return `${qualified(resource)}/${name}`;
}

/** `service`, `deployment.apps`. */
export function qualified({ singular, group }: Resource): string {
  return group === "" ? singular : `${singular}.${group}`;
}
