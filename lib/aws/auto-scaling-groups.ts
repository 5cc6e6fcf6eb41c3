/**
 * The Auto Scaling groups whose hooks are our business, and the machines in them that wait.
 *
 * In: names of the settings, and whether the groups behind the cluster's managed node groups count. Out: what Auto Scaling says.
 * A group that is gone is not in the answer.
 */
import type { AutoScalingGroup, DescribeAutoScalingGroupsCommandInput } from "@aws-sdk/client-auto-scaling";
import { NODE_GROUP_CLUSTER_TAG } from "../names/names.ts";
import type { GroupSelection, WaitingInstance } from "../ports/aws.ts";
import type { AutoScalingCalls } from "./clients/auto-scaling.ts";

export type GroupReads = Pick<AutoScalingCalls, "describeGroups" | "describeWarmPool">;

/** Groups in one call: the size of a page, so that a call by names has one. */
const NAMES_PER_CALL = 50;

/** Sorted by name, each once. EKS tags the group of a managed node group with its cluster; the role's permission rests on the same tag. */
export async function readGroups(
  { cluster, named, managed }: GroupSelection,
  calls: GroupReads,
  signal: AbortSignal,
): Promise<readonly AutoScalingGroup[]> {
  const found: AutoScalingGroup[] = [];
  for (let from = 0; from < named.length; from += NAMES_PER_CALL)
    found.push(
      ...(await all({ AutoScalingGroupNames: named.slice(from, from + NAMES_PER_CALL) }, calls, signal)),
    );
  if (managed)
    found.push(
      ...(await all(
        { Filters: [{ Name: `tag:${NODE_GROUP_CLUSTER_TAG}`, Values: [cluster] }] },
        calls,
        signal,
      )),
    );
  const byName = new Map(found.map((it) => [it.AutoScalingGroupName ?? "", it]));
  return [...byName].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}

async function all(
  input: DescribeAutoScalingGroupsCommandInput,
  calls: GroupReads,
  signal: AbortSignal,
): Promise<readonly AutoScalingGroup[]> {
  const found: AutoScalingGroup[] = [];
  let NextToken: string | undefined;
  do {
    const page = await calls.describeGroups(
      { ...input, MaxRecords: 100, ...(NextToken === undefined ? {} : { NextToken }) },
      signal,
    );
    found.push(...(page.AutoScalingGroups ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== "");
  return found;
}

/** Those in `Pending:Wait`, `Terminating:Wait` and, in a warm pool, the same with `Warmed:` before it. For whose answer, it does not say. */
export async function waitingIn(
  groups: readonly AutoScalingGroup[],
  calls: GroupReads,
  signal: AbortSignal,
): Promise<readonly WaitingInstance[]> {
  const waiting: WaitingInstance[] = [];
  for (const group of groups) {
    const name = group.AutoScalingGroupName ?? "";
    const pool = group.WarmPoolConfiguration === undefined ? [] : await warmPool(name, calls, signal);
    for (const { InstanceId, LifecycleState } of [...(group.Instances ?? []), ...pool]) {
      const state = /^(Warmed:)?(Pending|Terminating):Wait$/.exec(LifecycleState ?? "");
      if (state === null || InstanceId === undefined) continue;
      waiting.push({
        autoScalingGroup: name,
        instanceId: InstanceId,
        transition: state[2] === "Pending" ? "launch" : "terminate",
        ...(state[1] === undefined ? {} : { destination: "WarmPool" }),
      });
    }
  }
  return waiting;
}

type PoolInstance = {
  readonly InstanceId?: string | undefined;
  readonly LifecycleState?: string | undefined;
};

async function warmPool(
  group: string,
  calls: GroupReads,
  signal: AbortSignal,
): Promise<readonly PoolInstance[]> {
  const found: PoolInstance[] = [];
  let token: string | undefined;
  do {
    const page = await calls.describeWarmPool(group, token, signal);
    found.push(...(page.Instances ?? []));
    token = page.NextToken;
  } while (token !== undefined && token !== "");
  return found;
}
