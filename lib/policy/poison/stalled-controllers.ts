import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { AGENT_CONTAINER, isAgent } from "../agent/read-agent.ts";
import { formatCalicoVersions, isInRanges, type CalicoVersion } from "../version/calico-version.ts";
import type { Poison } from "./poison.ts";

const AFFECTED = [["3.32.0", undefined]] as const;

/**
 * An agent whose DaemonSet is not called calico-node (canal, rke2-canal): from 3.32 on kube-controllers waits for a DaemonSet of
 * that name before it does anything, and makes no automatic HostEndpoints.
 * Source: docs/calico-versions.md 3 (canal, rke2-canal on 3.32+).
 */
export function stalledControllers(
  objects: readonly KubernetesObject[],
  versions: readonly CalicoVersion[],
): Poison[] {
  const struck = versions.filter((it) => isInRanges(it, AFFECTED));
  const agents = objects.filter(isAgent);
  if (struck.length === 0 || agents.some(({ metadata }) => metadata.name === AGENT_CONTAINER)) return [];
  const isCertain = struck.length === versions.length;
  return agents.map(({ metadata: { name, namespace } }) => ({
    object: `DaemonSet/${namespace ?? ""}/${name}`,
    field: "metadata.name",
    effect: "stalls-controllers",
    ...(isCertain ? {} : { doubt: "version" as const }),
    message: `kube-controllers${isCertain ? "" : ` of Calico ${formatCalicoVersions(struck)}`} waits for a DaemonSet called calico-node to be rolled out before it renames policies, and there is none: it makes no automatic host endpoints`,
    fix: "Set spec.controllers.policyMigration.enabled: Disabled in KubeControllersConfiguration/default.",
  }));
}
