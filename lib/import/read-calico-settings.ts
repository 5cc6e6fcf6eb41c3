import type { ClusterReader } from "../ports/kubernetes.ts";
import { readClusterState } from "../snapshot/read-cluster-state.ts";
import { importSettings, type ImportedSettings } from "./import-settings.ts";

/** Reads Calico's configuration from the cluster and imports it. @throws errors of `model/errors.ts` */
export async function readCalicoSettings(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<ImportedSettings> {
  const { group } = await readClusterState(cluster, signal);
  return importSettings(
    await cluster.getObject(
      { groupVersion: group, resource: "kubecontrollersconfigurations" },
      "default",
      signal,
    ),
  );
}
