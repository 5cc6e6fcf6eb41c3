import type { Clock } from "../ports/clock.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";
import { worldOf } from "../world/world-of.ts";
import type { PreparedWorld } from "./simulate.ts";

/**
 * The live cluster as a world. Pods, namespaces and their policies are not read (the reconciler has no permission to), so
 * what depends on them is `unknown`.
 */
export async function prepareLiveWorld(
  ports: { readonly cluster: ClusterReader; readonly clock: Clock },
  signal: AbortSignal,
): Promise<PreparedWorld> {
  const world = worldOf(await takeSnapshot({ scope: { kind: "cluster" }, namePatterns: [] }, ports, signal));
  return {
    world,
    notes: [
      "pods, namespaces and network policies are not read from a live cluster: what depends on them is unknown",
      ...world.notes.map((it) => `${it.object}: ${it.message}`),
    ],
  };
}
