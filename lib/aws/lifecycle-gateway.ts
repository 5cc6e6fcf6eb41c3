/**
 * Answers to Auto Scaling's lifecycle hooks.
 *
 * In: a hook that waits. Out: that it was answered, or that nobody waits any more (also fine: somebody was faster, or
 * its time ran out). Must never happen: that second case as an error, which would bring the record back for ever.
 */
import type { LifecycleHook } from "../model/trigger.ts";
import type { LifecycleGateway } from "../ports/aws.ts";
import { readGroups, waitingIn, type GroupReads } from "./auto-scaling-groups.ts";
import { awsErrorName, classifyError } from "./classify-error.ts";
import type { AutoScalingCalls } from "./clients/auto-scaling.ts";

type HookAnswers = Pick<AutoScalingCalls, "completeLifecycleAction" | "recordHeartbeat"> & GroupReads;

export function lifecycleGateway(calls: () => Promise<HookAnswers>): LifecycleGateway {
  return {
    complete: async (hook, result, signal) => {
      try {
        const autoScaling = await calls();
        await autoScaling.completeLifecycleAction(
          { ...identify(hook), LifecycleActionResult: result },
          signal,
        );
        return "completed";
      } catch (error) {
        if (isNoActiveAction(error)) return "no-active-action";
        throw classifyError(error, `CompleteLifecycleAction ${hook.hook} of ${hook.autoScalingGroup}`);
      }
    },
    heartbeat: async (hook, signal) => {
      try {
        const autoScaling = await calls();
        await autoScaling.recordHeartbeat(identify(hook), signal);
        return "extended";
      } catch (error) {
        if (isNoActiveAction(error)) return "no-active-action";
        throw classifyError(error, `RecordLifecycleActionHeartbeat ${hook.hook} of ${hook.autoScalingGroup}`);
      }
    },
    waiting: async (groups, signal) => {
      try {
        const autoScaling = await calls();
        return await waitingIn(await readGroups(groups, autoScaling, signal), autoScaling, signal);
      } catch (error) {
        throw classifyError(error, `waiting machines of cluster ${groups.cluster}`);
      }
    },
  };
}

/** By token where there is one: an instance that went through a warm pool has two actions of one name, one after the other. */
function identify(hook: LifecycleHook) {
  return {
    AutoScalingGroupName: hook.autoScalingGroup,
    LifecycleHookName: hook.hook,
    ...(hook.token === undefined ? {} : { LifecycleActionToken: hook.token }),
    InstanceId: hook.instanceId,
  };
}

/**
 * What we send is well formed, so a ValidationError means that nobody waits any more: the action, the hook or the group is gone.
 * Auto Scaling says it in many sentences (docs/aws.md 3.3), so none of them is looked at.
 */
function isNoActiveAction(error: unknown): boolean {
  return awsErrorName(error) === "ValidationError";
}
