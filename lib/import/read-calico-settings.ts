import type { ClusterReader } from "../ports/kubernetes.ts";
import { isOwned } from "../plan/ownership.ts";
import { readClusterState } from "../snapshot/read-cluster-state.ts";
import { importSettings } from "./import-settings.ts";
import type { ImportedSettings } from "./imported-settings.ts";
import { AUTO_HOST_ENDPOINT_SUFFIX } from "../names/names.ts";

/**
 * Reads Calico's configuration from the cluster and imports it. Where Calico was switched off after its endpoints were taken
 * over, the configuration that it had is what keeps them.
 * @throws errors of `model/errors.ts`
 */
export async function readCalicoSettings(
  cluster: ClusterReader,
  owner: string,
  signal: AbortSignal,
): Promise<ImportedSettings> {
  const { group } = await readClusterState(cluster, signal);
  const configuration = await cluster.getObject(
    { groupVersion: group, resource: "kubecontrollersconfigurations" },
    "default",
    signal,
  );
  const endpoints = await cluster.listHostEndpoints(group, signal);
  const taken = endpoints.some((it) => isOwned(it, owner) && it.name.endsWith(AUTO_HOST_ENDPOINT_SUFFIX));
  return importSettings(configuration, { as: taken ? "configured" : "now" });
}
