import { versionsThatMayRun } from "../policy/version/versions-in.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import { compilePolicies } from "../policy/world/compile-policies.ts";
import { attachModelEndpoints } from "../policy/world/compile-world.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";
import type { PreparedWorld } from "./simulate.ts";

/**
 * The live cluster as a world. Pods, namespaces and their policies are not read (the reconciler has no permission to), so
 * what depends on them is `unknown`.
 */
export async function prepareLiveWorld(
  ports: { readonly cluster: ClusterReader; readonly clock: Clock },
  signal: AbortSignal,
): Promise<PreparedWorld> {
  const { policyObjects, calico, hostEndpoints, nodes } = await takeSnapshot(
    { scope: { kind: "cluster" }, namePatterns: [] },
    ports,
    signal,
  );
  const policies = compilePolicies(Object.values(policyObjects).flat(), {
    versions: versionsThatMayRun(calico, Object.values(policyObjects).flat()),
    kubeProxy: "unknown",
    hostEndpoints: hostEndpoints.map((it) => it.raw),
    unread: ["Pod", "Namespace", "ServiceAccount", "NetworkPolicy", "KubernetesNetworkPolicy"],
    calico,
  });
  const world = attachModelEndpoints(policies, { hostEndpoints, nodes });
  return {
    world,
    notes: [
      "pods, namespaces and network policies are not read from a live cluster: what depends on them is unknown",
      ...world.notes.map((it) => `${it.object}: ${it.message}`),
    ],
  };
}
