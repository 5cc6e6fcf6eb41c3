/**
 * Answers our hook for every machine that waits on it, so that the hook can go.
 *
 * In: a group and our hooks' names. Out: when it returns, nobody waits for us there.
 * Must never happen: a hook that is deleted while a machine waits on it. Auto Scaling then ABANDONs a launch, whatever the hook's
 * default result is, and so terminates a healthy machine (docs/aws.md c, DeleteLifecycleHook).
 */
import { ConflictError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { readGroups, waitingIn, type GroupReads } from "./auto-scaling-groups.ts";
import { awsErrorName } from "./classify-error.ts";
import type { AutoScalingCalls } from "./clients/auto-scaling.ts";

export type LetGoCalls = GroupReads & Pick<AutoScalingCalls, "completeLifecycleAction">;

export type OurHooks = {
  readonly cluster: string;
  readonly names: Readonly<Record<"launch" | "terminate", string>>;
};

/** A group that keeps launching is looked at again; each look answers all that came since. */
const MOST_LOOKS = 10;
const BETWEEN_LOOKS_MILLISECONDS = 1_000;

/** @throws ConflictError when machines keep coming, and what the SDK throws. */
export async function letGo(
  group: string,
  { cluster, names }: OurHooks,
  calls: LetGoCalls,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  // An instance may go on waiting, in the same state, for the answer to another's hook: ours was given, and does not hold it.
  const answered = new Set<string>();
  for (let look = 1; look <= MOST_LOOKS; look++) {
    const groups = await readGroups({ cluster, named: [group], managed: false }, calls, signal);
    const left = (await waitingIn(groups, calls, signal)).filter(
      (it) => !answered.has(`${it.transition} ${it.destination ?? ""} ${it.instanceId}`),
    );
    if (left.length === 0) return;
    for (const { instanceId, transition, destination } of left) {
      await complete(group, names[transition], instanceId, calls, signal);
      answered.add(`${transition} ${destination ?? ""} ${instanceId}`);
    }
    await clock.sleep(BETWEEN_LOOKS_MILLISECONDS, signal);
  }
  throw new ConflictError(`${group}: machines keep coming; the hooks stay until none waits`);
}

/** A ValidationError: nobody waits (any more) for our answer. */
async function complete(
  group: string,
  hook: string,
  instanceId: string,
  calls: LetGoCalls,
  signal: AbortSignal,
): Promise<void> {
  const answer = {
    AutoScalingGroupName: group,
    LifecycleHookName: hook,
    InstanceId: instanceId,
    LifecycleActionResult: "CONTINUE",
  };
  await calls.completeLifecycleAction(answer, signal).catch((error: unknown) => {
    if (awsErrorName(error) !== "ValidationError") throw error;
  });
}
