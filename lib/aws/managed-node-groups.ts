/**
 * Keeps our lifecycle hooks on the Auto Scaling groups of the cluster's managed node groups. EKS makes these groups and
 * names them, so that nobody can declare a hook on them beforehand (docs/aws.md 3.4).
 *
 * In: the hooks as they should be. Out: which groups were looked at and which got a hook.
 * Must never happen: a hook that is not ours changed, or one group's failure that leaves the others without.
 */
import type {
  LifecycleHook as AutoScalingHook,
  PutLifecycleHookCommandInput,
} from "@aws-sdk/client-auto-scaling";
import type { GatewayError } from "../model/errors.ts";
import { classifyError } from "./classify-error.ts";
import type { AutoScalingCalls } from "./clients/auto-scaling.ts";
import type { EksCalls } from "./clients/eks.ts";

export type WantedHook = {
  readonly name: string;
  readonly transition: "launch" | "terminate";
  readonly heartbeatSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
};

export type HooksOutcome = {
  /** Sorted. */
  readonly autoScalingGroups: readonly string[];
  /** `GROUP/HOOK` for each hook that was put, sorted. */
  readonly put: readonly string[];
  readonly failures: readonly { readonly subject: string; readonly error: GatewayError }[];
};

export type ManagedNodeGroups = {
  /** @throws errors of `model/errors.ts` when the node groups cannot be listed. */
  ensureHooks(wanted: readonly WantedHook[], signal: AbortSignal): Promise<HooksOutcome>;
};

type EksReads = Pick<EksCalls, "listNodegroups" | "describeNodegroup">;
type HookCalls = Pick<AutoScalingCalls, "describeLifecycleHooks" | "putLifecycleHook">;

export function managedNodeGroups(
  cluster: string,
  eksCalls: () => Promise<EksReads>,
  autoScalingCalls: () => Promise<HookCalls>,
): ManagedNodeGroups {
  return {
    ensureHooks: async (wanted, signal) => {
      const groups = await findGroups(cluster, await eksCalls(), signal);
      const calls = await autoScalingCalls();
      const put: string[] = [];
      const failures: HooksOutcome["failures"][number][] = [];
      for (const group of groups) {
        try {
          put.push(...(await ensureGroup(group, wanted, calls, signal)));
        } catch (error) {
          failures.push({ subject: group, error: classifyError(error, `lifecycle hooks of ${group}`) });
        }
      }
      return { autoScalingGroups: groups, put: put.sort(), failures };
    },
  };
}

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

async function ensureGroup(
  group: string,
  wanted: readonly WantedHook[],
  calls: HookCalls,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { LifecycleHooks } = await calls.describeLifecycleHooks(group, signal);
  const put: string[] = [];
  for (const hook of wanted) {
    const desired = asInput(group, hook);
    const observed = (LifecycleHooks ?? []).find((it) => it.LifecycleHookName === hook.name);
    if (observed !== undefined && isSame(observed, desired)) continue;
    await calls.putLifecycleHook(desired, signal);
    put.push(`${group}/${hook.name}`);
  }
  return put;
}

function asInput(group: string, hook: WantedHook): PutLifecycleHookCommandInput {
  return {
    AutoScalingGroupName: group,
    LifecycleHookName: hook.name,
    LifecycleTransition:
      hook.transition === "launch"
        ? "autoscaling:EC2_INSTANCE_LAUNCHING"
        : "autoscaling:EC2_INSTANCE_TERMINATING",
    HeartbeatTimeout: hook.heartbeatSeconds,
    DefaultResult: hook.defaultResult,
  };
}

function isSame(observed: AutoScalingHook, desired: PutLifecycleHookCommandInput): boolean {
  return (
    observed.LifecycleTransition === desired.LifecycleTransition &&
    observed.HeartbeatTimeout === desired.HeartbeatTimeout &&
    observed.DefaultResult === desired.DefaultResult
  );
}
