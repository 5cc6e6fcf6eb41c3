/**
 * A cluster in memory behind the port of the real one. The contract suite (test/contract/cluster-gateway.suite.ts) holds
 * both to the same behaviour: resourceVersions, UIDs, conflicts, create-only, label homes, both API groups.
 *
 *     const cluster = createInMemoryCluster({ objects: [aNodeObject(), aHostEndpointObject()] });
 *     cluster.fail({ verb: "list", resource: "nodes", page: 2, as: "server-error" });
 *     await somethingThatUses(cluster.gateway);
 *     cluster.list(CALICO_V1, "hostendpoints");    // look at the world
 */
import { CALICO_V1, type CalicoGroup } from "../../lib/model/calico-group.ts";
import { ConflictError, NotFoundError, UnreachableError } from "../../lib/model/errors.ts";
import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import { ascending } from "../../lib/model/ascending.ts";
import { encodeChangedHostEndpoint, encodeNewHostEndpoint } from "../../lib/kubernetes/objects/codec.ts";
import { decodeHostEndpoint } from "../../lib/model/read-host-endpoint.ts";
import { resourceOfKind } from "../../lib/model/resource-of-kind.ts";
import { projectNode } from "../../lib/model/project-node.ts";
import { projectWorkload } from "../../lib/kubernetes/objects/project-workload.ts";
import type { ClusterGateway, ListPath, ResourcePath } from "../../lib/ports/kubernetes.ts";
import { checkHostEndpoint } from "./check-host-endpoint.ts";
import { createFaults, type Call, type Fault } from "./cluster-faults.ts";

export type InMemoryClusterOptions = {
  /** Objects that exist from the start; their API groups are served. */
  readonly objects?: readonly KubernetesObject[];
  /** Calico's groups that are served; default v1 only. `[]`: Calico is not installed. */
  readonly calicoGroups?: readonly CalicoGroup[];
  /** Runs before each call is served; may change the world, or wait. */
  readonly beforeCall?: (call: Call) => void | Promise<void>;
  /** Kubelets that a new connection does not reach; default none. */
  readonly isKubeletSilent?: (node: string) => boolean;
  /** The server's clock, in milliseconds since 1970; default: it does not tell. */
  readonly now?: () => number;
  /** Default 500. */
  readonly pageSize?: number;
};

export type InMemoryCluster = {
  readonly gateway: ClusterGateway;
  /** Every call that reached the cluster; a list makes one entry per page. */
  readonly calls: readonly Call[];
  /** As an administrator would: creates, or replaces whatever is there. Answers it as stored. */
  put(object: KubernetesObject): KubernetesObject;
  /** As an administrator would; does nothing when there is no such object. */
  remove(groupVersion: string, resource: string, name: string): void;
  get(groupVersion: string, resource: string, name: string): KubernetesObject | undefined;
  /** Sorted by name. */
  list(groupVersion: string, resource: string): readonly KubernetesObject[];
  /** Makes calls fail until the answer is called, or `times` are used up. */
  fail(fault: Fault): () => void;
};

export function createInMemoryCluster(options: InMemoryClusterOptions = {}): InMemoryCluster {
  const store = new Map<string, KubernetesObject>();
  const served = new Set<string>([
    "v1",
    "apps/v1",
    "discovery.k8s.io/v1",
    ...(options.calicoGroups ?? [CALICO_V1]),
  ]);
  const calls: Call[] = [];
  const faults = createFaults();
  const pageSize = options.pageSize ?? 500;
  let version = 100;
  let uids = 0;

  const put = (object: KubernetesObject): KubernetesObject => {
    served.add(object.apiVersion);
    const at = keyOf(
      object.apiVersion,
      resourceOfKind(object.kind),
      object.metadata.name,
      object.metadata.namespace,
    );
    const before = store.get(at);
    const stored: KubernetesObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: before?.metadata.uid ?? object.metadata.uid ?? `uid-${++uids}`,
        resourceVersion: String(++version),
        creationTimestamp:
          before?.metadata.creationTimestamp ?? object.metadata.creationTimestamp ?? "2026-11-22T00:00:00Z",
      },
    };
    store.set(at, stored);
    return stored;
  };

  const list = (groupVersion: string, resource: string, namespace?: string) =>
    [...store]
      .filter(([at]) => at.startsWith(`${groupVersion}|${resource}|`))
      .map(([, object]) => object)
      .filter((it) => namespace === undefined || it.metadata.namespace === namespace)
      .sort(ascending((it) => it.metadata.name));

  const begin = async (call: Call, signal: AbortSignal) => {
    calls.push(call);
    await options.beforeCall?.(call);
    await Promise.resolve();
    if (signal.aborted)
      throw new UnreachableError(`${call.verb} ${call.resource}: the time budget ran out`, "timeout");
    faults.strike(call, "before");
  };
  const requireServed = (groupVersion: string, resource: string) => {
    if (!served.has(groupVersion))
      throw new NotFoundError(
        `the cluster does not serve ${resource} of ${groupVersion}: Calico's CRDs are not installed`,
      );
  };

  const listWhole = async (resource: ListPath, signal: AbortSignal): Promise<readonly KubernetesObject[]> => {
    for (let restarts = 0; ; restarts++) {
      const found: KubernetesObject[] = [];
      const call = { verb: "list", resource: resource.resource } as const;
      try {
        for (let page = 1; page === 1 || found.length === (page - 1) * pageSize; page++) {
          await begin({ ...call, page }, signal);
          requireServed(resource.groupVersion, resource.resource);
          const all = list(resource.groupVersion, resource.resource, resource.namespace).filter(
            (it) => resource.named === undefined || it.metadata.name === resource.named,
          );
          found.push(...all.slice((page - 1) * pageSize, page * pageSize));
          if (found.length >= all.length) break;
        }
        const { container } = resource;
        return container === undefined ? found : found.flatMap((it) => projectWorkload(it, container) ?? []);
      } catch (error) {
        if (!faults.isRestartable(error) || restarts >= 3) throw error;
      }
    }
  };

  const getOne = async (resource: ResourcePath, name: string, signal: AbortSignal) => {
    await begin({ verb: "get", resource: resource.resource, name }, signal);
    requireServed(resource.groupVersion, resource.resource);
    return store.get(keyOf(resource.groupVersion, resource.resource, name, resource.namespace));
  };

  const write = async (call: Call, signal: AbortSignal, change: () => KubernetesObject | undefined) => {
    await begin(call, signal);
    const stored = change();
    faults.strike(call, "after");
    return stored;
  };
  const current = (group: CalicoGroup, name: string): KubernetesObject => {
    requireServed(group, "hostendpoints");
    const found = store.get(keyOf(group, "hostendpoints", name));
    if (found === undefined)
      throw new NotFoundError(`hostendpoints "${name}": there is no such object (404)`);
    return found;
  };
  const requireSame = (
    stored: KubernetesObject,
    observed: { readonly uid: string; readonly resourceVersion: string },
  ) => {
    if (stored.metadata.uid !== observed.uid || stored.metadata.resourceVersion !== observed.resourceVersion)
      throw new ConflictError(`hostendpoints "${stored.metadata.name}": the object has been modified (409)`);
  };

  const gateway: ClusterGateway = {
    listApiGroups: async (signal) => {
      await begin({ verb: "get", resource: "/apis" }, signal);
      return [
        ...new Set([...served].filter((it) => it.includes("/")).map((it) => it.slice(0, it.indexOf("/")))),
      ].sort();
    },
    listNodes: async (signal) =>
      (await listWhole({ groupVersion: "v1", resource: "nodes" }, signal)).map((it) => projectNode(it)),
    getNode: async (name, signal) => {
      const found = await getOne({ groupVersion: "v1", resource: "nodes" }, name, signal);
      return found === undefined ? undefined : projectNode(found);
    },
    listHostEndpoints: async (group, signal) =>
      (await listWhole({ groupVersion: group, resource: "hostendpoints" }, signal)).map((it) =>
        decodeHostEndpoint(group, it),
      ),
    getHostEndpoint: async (group, name, signal) => {
      const found = await getOne({ groupVersion: group, resource: "hostendpoints" }, name, signal);
      return found === undefined ? undefined : decodeHostEndpoint(group, found);
    },
    listObjects: listWhole,
    listVersions: async ({ container: _all, ...resource }, signal) =>
      (await listWhole(resource, signal)).map(({ metadata: { name, namespace, uid, resourceVersion } }) => ({
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      })),
    getObject: async (resource, name, signal) => {
      try {
        return await getOne(resource, name, signal);
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
    serverTime: () => options.now?.(),
    probeKubelet: async (node, signal) => {
      await begin({ verb: "get", resource: "nodes/proxy", name: node }, signal);
      if (store.get(keyOf("v1", "nodes", node)) === undefined) return undefined;
      return options.isKubeletSilent?.(node) === true ? "failed" : "answered";
    },
    create: async (group, desired, signal) => {
      const stored = await write(
        { verb: "create", resource: "hostendpoints", name: desired.name },
        signal,
        () => {
          requireServed(group, "hostendpoints");
          if (store.has(keyOf(group, "hostendpoints", desired.name)))
            throw new ConflictError(`hostendpoints "${desired.name}": it exists already (409)`);
          const object = encodeNewHostEndpoint(group, desired);
          checkHostEndpoint(object);
          return put(object);
        },
      );
      return decodeHostEndpoint(group, stored ?? encodeNewHostEndpoint(group, desired));
    },
    update: async (group, observed, desired, signal) => {
      const stored = await write(
        { verb: "update", resource: "hostendpoints", name: observed.name },
        signal,
        () => {
          const before = current(group, observed.name);
          requireSame(before, observed);
          const object = encodeChangedHostEndpoint(group, observed, desired);
          checkHostEndpoint(object);
          return sameContent(before, object) ? before : put(object);
        },
      );
      return decodeHostEndpoint(group, stored ?? observed.raw);
    },
    delete: async (group, observed, signal) => {
      await write({ verb: "delete", resource: "hostendpoints", name: observed.name }, signal, () => {
        const stored = current(group, observed.name);
        requireSame(stored, observed);
        if ((stored.metadata.finalizers ?? []).length > 0)
          return put({
            ...stored,
            metadata: { ...stored.metadata, deletionTimestamp: "2026-11-22T01:00:00Z" },
          });
        store.delete(keyOf(group, "hostendpoints", observed.name));
        return undefined;
      });
    },
  };

  for (const object of options.objects ?? []) put(object);
  return {
    gateway,
    calls,
    put,
    remove: (groupVersion, resource, name) => {
      for (const [at, object] of store)
        if (at.startsWith(`${groupVersion}|${resource}|`) && object.metadata.name === name) store.delete(at);
    },
    get: (groupVersion, resource, name) =>
      list(groupVersion, resource).find((it) => it.metadata.name === name),
    list: (groupVersion, resource) => list(groupVersion, resource),
    fail: faults.add,
  };
}

function keyOf(groupVersion: string, resource: string, name: string, namespace = ""): string {
  return `${groupVersion}|${resource}|${namespace}|${name}`;
}

/** As the API server does: a write that changes nothing makes no new resourceVersion. */
function sameContent(a: KubernetesObject, b: KubernetesObject): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, it: unknown) =>
    typeof it === "object" && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  );
}
