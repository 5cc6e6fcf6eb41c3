/**
 * A gateway that asks about the cluster itself only now and then: which API groups there are, and what Calico's own
 * settings say. A warm Lambda container serves event after event; nodes, endpoints and policies are read anew each time.
 *
 * Must never happen: an answer older than `lifeMilliseconds`, or a failure that is remembered.
 */
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterGateway, ListPath } from "../ports/kubernetes.ts";

/** Resources that describe the cluster, not its nodes or its policies. */
const REMEMBERED = new Set([
  "clusterinformations",
  "kubecontrollersconfigurations",
  "datastoremigrations",
  "apiservices",
  "daemonsets",
  "endpointslices",
]);

/** Short enough that a datastore that gets locked is noticed long before Calico's own drain period ends. */
export const CLUSTER_STATE_LIFE_MILLISECONDS = 30_000;

export function rememberClusterState(
  gateway: ClusterGateway,
  clock: Clock,
  lifeMilliseconds = CLUSTER_STATE_LIFE_MILLISECONDS,
): ClusterGateway {
  const groups = memory<readonly string[]>(clock, lifeMilliseconds);
  const objects = memory<KubernetesObject | undefined>(clock, lifeMilliseconds);
  const lists = memory<readonly KubernetesObject[]>(clock, lifeMilliseconds);
  return {
    ...gateway,
    listApiGroups: (signal) => groups.recall("groups", () => gateway.listApiGroups(signal)),
    getObject: (resource, name, signal) =>
      REMEMBERED.has(resource.resource)
        ? objects.recall(`${keyOf(resource)}/${name}`, () => gateway.getObject(resource, name, signal))
        : gateway.getObject(resource, name, signal),
    listObjects: (resource, signal) =>
      REMEMBERED.has(resource.resource)
        ? lists.recall(keyOf(resource), () => gateway.listObjects(resource, signal))
        : gateway.listObjects(resource, signal),
    // Whoever looks for what has changed reads it anew when something has.
    listVersions: (resource, signal) => {
      lists.forget();
      return gateway.listVersions(resource, signal);
    },
  };
}

function keyOf({ groupVersion, resource, namespace, named, container }: ListPath): string {
  return `${groupVersion}/${namespace ?? ""}/${resource}/${named ?? ""}/${container ?? ""}`;
}

function memory<Value>(clock: Clock, lifeMilliseconds: number) {
  const kept = new Map<string, { readonly value: Value; readonly until: number }>();
  return {
    forget: (): void => kept.clear(),
    recall: async (key: string, ask: () => Promise<Value>): Promise<Value> => {
      const found = kept.get(key);
      const now = clock.now();
      if (found !== undefined && now < found.until) return found.value;
      const value = await ask();
      kept.set(key, { value, until: now + lifeMilliseconds });
      return value;
    },
  };
}
