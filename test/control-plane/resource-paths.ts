import type { AdminClient, AnyObject } from "./admin-client.ts";

/** What discovery says about one kind. */
export type ServedResource = {
  readonly kind: string;
  /** Plural name, as in paths. */
  readonly name: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
};

/** Path of everything in one group and version: `/api/v1`, `/apis/crd.projectcalico.org/v1`. */
export function groupVersionPath(groupVersion: string): string {
  return groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

/** The resources that the server serves in `groupVersion`, by discovery. Throws `ApiError` 404 when it serves none. */
export async function servedResources(
  client: AdminClient,
  groupVersion: string,
): Promise<readonly ServedResource[]> {
  const answer = await client.request("GET", groupVersionPath(groupVersion));
  const { resources } = answer as {
    readonly resources: readonly {
      readonly kind: string;
      readonly name: string;
      readonly namespaced: boolean;
    }[];
  };
  const names = new Set(resources.map(({ name }) => name));
  return resources
    .filter(({ name }) => !name.includes("/"))
    .map(({ kind, name, namespaced }) => ({
      kind,
      name,
      namespaced,
      hasStatus: names.has(`${name}/status`),
    }));
}

/** Path of the collection that `object` belongs in; a namespaced object without a namespace goes to `default`. */
export function collectionPath(object: AnyObject, resource: ServedResource): string {
  const namespace = resource.namespaced ? `/namespaces/${object.metadata.namespace ?? "default"}` : "";
  return `${groupVersionPath(object.apiVersion)}${namespace}/${resource.name}`;
}
