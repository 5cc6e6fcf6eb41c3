/** One cluster, read live and from a dump of it. */
import { worldGateway } from "../../../functions/shared/compose-world.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import type { ClusterReader } from "../../../lib/ports/kubernetes.ts";
import { takeSnapshot } from "../../../lib/snapshot/take-snapshot.ts";
import { settleFiles, type FileObjects } from "../../../lib/world/settle-files.ts";
import { resourceOfKind } from "../../../lib/model/resource-of-kind.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import type { Case } from "./clusters.ts";

export const clock = { now: () => Date.parse("2026-11-22T12:00:00Z"), sleep: () => Promise.resolve() };
export const signal = new AbortController().signal;

/** As `kubectl get -o json` prints it: what the API server holds, one list. */
function dumpOf(cluster: InMemoryCluster, objects: readonly KubernetesObject[]): FileObjects {
  const kinds = new Set(objects.map((it) => `${it.apiVersion} ${resourceOfKind(it.kind)}`));
  const items = [...kinds].flatMap((it) => cluster.list(it.split(" ")[0] ?? "", it.split(" ")[1] ?? ""));
  return settleFiles([JSON.parse(JSON.stringify(items)) as readonly KubernetesObject[]]);
}

function snapshotOf(cluster: ClusterReader): Promise<Snapshot> {
  return takeSnapshot(
    { scope: { kind: "cluster" }, namePatterns: [], allAddresses: true },
    { cluster, clock },
    signal,
  );
}

export async function bothWays({ group, objects }: Case) {
  const cluster = createInMemoryCluster({ objects, calicoGroups: [group] });
  const dump = dumpOf(cluster, objects);
  const [live, files] = [await snapshotOf(cluster.gateway), await snapshotOf(worldGateway(dump))];
  return { cluster, dump, live, files };
}
