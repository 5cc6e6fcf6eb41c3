/** Which Auto Scaling groups EKS has made for the cluster's managed node groups, as EKS says it: for `doctor`. */
import { classifyError } from "./classify-error.ts";
import type { InstallationCalls } from "./clients/installation.ts";

type EksReads = Pick<InstallationCalls, "listNodegroups" | "describeNodegroup">;

/** Names of the Auto Scaling groups of the managed node groups, sorted. @throws errors of `model/errors.ts` */
export async function findGroups(
  cluster: string,
  eks: EksReads,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const nodeGroups: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await eks.listNodegroups(cluster, nextToken, signal);
      nodeGroups.push(...(page.nodegroups ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    const groups: string[] = [];
    for (const nodeGroup of nodeGroups) {
      const { nodegroup } = await eks.describeNodegroup(cluster, nodeGroup, signal);
      groups.push(...(nodegroup?.resources?.autoScalingGroups ?? []).flatMap((it) => it.name ?? []));
    }
    return [...new Set(groups)].sort();
  } catch (error) {
    throw classifyError(error, `managed node groups of ${cluster}`);
  }
}
