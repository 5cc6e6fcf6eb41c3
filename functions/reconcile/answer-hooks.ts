/**
 * Answers the lifecycle hooks of a batch, each once, however many records speak of it.
 *
 * In: hooks with the status of their instances. Out: what was decided for each, and whether the answer got through.
 */
import pLimit from "p-limit";
import { decideCompletion, type Completion } from "../../lib/lifecycle/decide-completion.ts";
import type { InstanceStatus } from "../../lib/lifecycle/instance-status.ts";
import type { LifecycleHook } from "../../lib/model/trigger.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";

export type HookAnswer = { readonly completion: Completion; readonly gotThrough: boolean };

/** Auto Scaling throttles an account's calls long before this many are a problem for us. */
const AT_A_TIME = 8;

/** One action that waits: by its token, or by what AWS takes in its place. */
export function keyOf({ token, autoScalingGroup, hook, instanceId }: LifecycleHook): string {
  return token ?? `${autoScalingGroup}/${hook}/${instanceId}`;
}

/** By `keyOf` the hook. Never throws: an answer that did not get through is retried with its record. */
export async function answerHooks(
  hooks: readonly { readonly hook: LifecycleHook; readonly status: InstanceStatus }[],
  ports: Pick<FunctionPorts, "settings" | "lifecycle">,
  invocation: Invocation,
): Promise<ReadonlyMap<string, HookAnswer>> {
  const limit = pLimit(AT_A_TIME);
  const distinct = new Map(hooks.map((it) => [keyOf(it.hook), it] as const));
  const answers = await Promise.all(
    [...distinct].map(([key, { hook, status }]) =>
      limit(async () => [key, await answerHook(hook, status, ports, invocation)] as const),
    ),
  );
  return new Map(answers);
}

async function answerHook(
  hook: LifecycleHook,
  status: InstanceStatus,
  { settings, lifecycle }: Pick<FunctionPorts, "settings" | "lifecycle">,
  { log, reporting }: Invocation,
): Promise<HookAnswer> {
  const completion = decideCompletion(hook, status, settings);
  const fields = {
    hook: hook.hook,
    autoScalingGroup: hook.autoScalingGroup,
    instanceId: hook.instanceId,
    decision: completion.kind,
    reason: completion.reason,
  };
  try {
    const answer = await carryOut(hook, completion, lifecycle, reporting);
    log.info({ ...fields, answer }, "lifecycle hook");
    return { completion, gotThrough: true };
  } catch (error) {
    log.warn({ ...fields, ...describeError(error) }, "lifecycle hook not answered");
    return { completion, gotThrough: false };
  }
}

async function carryOut(
  hook: LifecycleHook,
  completion: Completion,
  lifecycle: FunctionPorts["lifecycle"],
  signal: AbortSignal,
): Promise<"completed" | "extended" | "no-active-action" | "none"> {
  switch (completion.kind) {
    case "complete":
      return lifecycle.complete(hook, completion.result, signal);
    case "hold":
      return completion.heartbeat ? lifecycle.heartbeat(hook, signal) : "none";
    case "leave":
      return "none";
  }
}
