import { ApiError, type AdminClient, type AnyObject } from "./admin-client.ts";
import { groupVersionPath, servedResources, type ServedResource } from "./resource-paths.ts";

/** What tests leave behind, besides every kind of Calico that is served. RBAC objects stay: they belong to the users. */
const kubernetesKinds: Readonly<Record<string, readonly string[]>> = {
  v1: ["nodes", "pods"],
  "apps/v1": ["daemonsets", "deployments"],
  "discovery.k8s.io/v1": ["endpointslices"],
  "networking.k8s.io/v1": ["networkpolicies"],
};
const calicoGroup = /(^|\.)projectcalico\.org$/;

/** Made by kube-apiserver itself, and made again when they are deleted. */
const ownNamespaces = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/**
 * Deletes every Node, Pod, workload, NetworkPolicy, added Namespace and Calico object, finalizers or not, so that the tests
 * of one file can share one control plane. The cost of what is absent is one request of a millisecond per kind.
 */
export async function resetObjects(client: AdminClient): Promise<void> {
  const groupVersions = [...Object.keys(kubernetesKinds), ...(await calicoGroupVersions(client))];
  await client.forEach(groupVersions, async (groupVersion) => {
    const wanted = kubernetesKinds[groupVersion];
    const resources = await servedResources(client, groupVersion);
    for (const resource of resources) {
      if (wanted === undefined || wanted.includes(resource.name)) await empty(client, groupVersion, resource);
    }
  });
  await removeNamespaces(client);
}

async function calicoGroupVersions(client: AdminClient): Promise<readonly string[]> {
  const answer = await client.request("GET", "/apis");
  const { groups } = answer as {
    readonly groups: readonly {
      readonly name: string;
      readonly preferredVersion: { readonly groupVersion: string };
    }[];
  };
  return groups
    .filter(({ name }) => calicoGroup.test(name))
    .map(({ preferredVersion }) => preferredVersion.groupVersion);
}

async function empty(client: AdminClient, groupVersion: string, resource: ServedResource): Promise<void> {
  const path = `${groupVersionPath(groupVersion)}/${resource.name}`;
  const { items } = await client.list(`${path}?limit=1`);
  if (items.length === 0) return;
  for (const collection of await collections(client, groupVersion, resource)) await client.remove(collection);
  // What is left waits for a finalizer, or (a Pod on a Node) for a grace period that no kubelet will ever end.
  const left = await client.list(path);
  await Promise.all(left.items.map((object) => removeByForce(client, groupVersion, resource, object)));
}

/** A namespaced kind is deleted namespace by namespace: the API has no collection delete across all of them. */
async function collections(
  client: AdminClient,
  groupVersion: string,
  resource: ServedResource,
): Promise<readonly string[]> {
  const base = groupVersionPath(groupVersion);
  if (!resource.namespaced) return [`${base}/${resource.name}`];
  const { items } = await client.list(`${base}/${resource.name}`);
  const namespaces = new Set(items.map(({ metadata }) => metadata.namespace ?? "default"));
  return [...namespaces].map((namespace) => `${base}/namespaces/${namespace}/${resource.name}`);
}

async function removeByForce(
  client: AdminClient,
  groupVersion: string,
  resource: ServedResource,
  { metadata }: AnyObject,
): Promise<void> {
  const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
  const path = `${groupVersionPath(groupVersion)}${namespace}/${resource.name}/${metadata.name}`;
  await unlessGone(client.patch(path, { metadata: { finalizers: null } }));
  await unlessGone(client.remove(`${path}?gracePeriodSeconds=0`));
}

/** Without a controller-manager nobody finalizes a Namespace: its finalizer is taken off by hand. */
async function removeNamespaces(client: AdminClient): Promise<void> {
  const { items } = await client.list("/api/v1/namespaces");
  await client.forEach(
    items.filter(({ metadata }) => !ownNamespaces.has(metadata.name)),
    async (namespace) => {
      const path = `/api/v1/namespaces/${namespace.metadata.name}`;
      await unlessGone(client.remove(path));
      await unlessGone(
        client.replace(`${path}/finalize`, {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name: namespace.metadata.name },
          spec: { finalizers: [] },
        }),
      );
    },
  );
}

async function unlessGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}
