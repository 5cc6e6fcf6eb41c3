/**
 * Keeps our lifecycle hooks on Auto Scaling groups that nobody can declare them on beforehand: EKS makes the groups of managed node
 * groups, and names them (docs/aws.md 3.4). Who put a hook removes it.
 *
 * In: the hooks as they should be. Out: what was put and what was removed, by `GROUP/HOOK`.
 * Must never happen: a hook that is not ours changed, one group's failure that leaves the others as they are, or a hook that goes
 * while a machine waits on it.
 */
import type {
  LifecycleHook as AutoScalingHook,
  PutLifecycleHookCommandInput,
} from "@aws-sdk/client-auto-scaling";
import { NotFoundError } from "../model/errors.ts";
import { installationName, lifecycleHookNames } from "../names/names.ts";
import type { HookKeeper, HooksOutcome, KeptHook } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";
import { readGroups } from "./auto-scaling-groups.ts";
import { awsErrorName, classifyError } from "./classify-error.ts";
import type { AutoScalingCalls } from "./clients/auto-scaling.ts";
import { letGo, type LetGoCalls, type OurHooks } from "./let-go.ts";

type KeeperCalls = LetGoCalls &
  Pick<AutoScalingCalls, "describeLifecycleHooks" | "putLifecycleHook" | "deleteLifecycleHook">;

export function hookKeeper(
  { cluster, id }: { readonly cluster: string; readonly id: string },
  autoScalingCalls: () => Promise<KeeperCalls>,
  clock: Clock,
): HookKeeper {
  const ours: OurHooks = { cluster, names: lifecycleHookNames(id) };
  const metadata = installationName(cluster, id);

  /** Every group by itself: a failure is told, and the next one has its turn. */
  async function eachOf(
    groups: readonly string[],
    work: (group: string, calls: KeeperCalls) => Promise<Partial<HooksOutcome>>,
  ): Promise<HooksOutcome> {
    const calls = await autoScalingCalls();
    let outcome: HooksOutcome = { put: [], removed: [], failures: [] };
    for (const group of groups) {
      const done = await work(group, calls).catch((error: unknown): Partial<HooksOutcome> => {
        const classified = classifyError(error, `lifecycle hooks of ${group}`);
        const isGone = awsErrorName(error) === "ValidationError" || classified instanceof NotFoundError;
        return isGone ? {} : { failures: [{ subject: group, error: classified }] };
      });
      outcome = {
        put: [...outcome.put, ...(done.put ?? [])],
        removed: [...outcome.removed, ...(done.removed ?? [])],
        failures: [...outcome.failures, ...(done.failures ?? [])],
      };
    }
    return outcome;
  }

  async function managedGroups(signal: AbortSignal): Promise<readonly string[]> {
    try {
      const groups = await readGroups(
        { cluster, named: [], managed: true },
        await autoScalingCalls(),
        signal,
      );
      return groups.flatMap((it) => it.AutoScalingGroupName ?? []);
    } catch (error) {
      throw classifyError(error, `Auto Scaling groups of cluster ${cluster}`);
    }
  }

  return {
    keep: async (wanted, signal) =>
      eachOf(await managedGroups(signal), async (group, calls) => {
        const observed = await hooksOf(group, calls, signal);
        const put = await putMissing(group, wanted, metadata, observed, calls, signal);
        const unwanted = Object.values(ours.names).filter(
          (name) =>
            observed.some((it) => it.LifecycleHookName === name) && !wanted.some((it) => it.name === name),
        );
        return { put, removed: await remove(group, unwanted, calls, signal) };
      }),
    letGo: (groups, signal) =>
      eachOf(groups, async (group, calls) => {
        await letGo(group, ours, calls, clock, signal);
        return {};
      }),
  };

  async function remove(
    group: string,
    names: readonly string[],
    calls: KeeperCalls,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    if (names.length === 0) return [];
    await letGo(group, ours, calls, clock, signal);
    for (const name of names) await calls.deleteLifecycleHook(group, name, signal);
    return names.map((name) => `${group}/${name}`);
  }
}

async function hooksOf(
  group: string,
  calls: KeeperCalls,
  signal: AbortSignal,
): Promise<readonly AutoScalingHook[]> {
  return (await calls.describeLifecycleHooks(group, signal)).LifecycleHooks ?? [];
}

async function putMissing(
  group: string,
  wanted: readonly KeptHook[],
  metadata: string,
  observed: readonly AutoScalingHook[],
  calls: KeeperCalls,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const put: string[] = [];
  for (const hook of wanted) {
    const desired = asInput(group, hook, metadata);
    const found = observed.find((it) => it.LifecycleHookName === hook.name);
    if (found !== undefined && isSame(found, desired)) continue;
    await calls.putLifecycleHook(desired, signal);
    put.push(`${group}/${hook.name}`);
  }
  return put;
}

function asInput(group: string, hook: KeptHook, metadata: string): PutLifecycleHookCommandInput {
  return {
    AutoScalingGroupName: group,
    LifecycleHookName: hook.name,
    LifecycleTransition:
      hook.transition === "launch"
        ? "autoscaling:EC2_INSTANCE_LAUNCHING"
        : "autoscaling:EC2_INSTANCE_TERMINATING",
    HeartbeatTimeout: hook.heartbeatSeconds,
    DefaultResult: hook.defaultResult,
    // Whose hook this is: it comes back in every event that the hook causes.
    NotificationMetadata: metadata,
  };
}

function isSame(observed: AutoScalingHook, desired: PutLifecycleHookCommandInput): boolean {
  return (
    observed.LifecycleTransition === desired.LifecycleTransition &&
    observed.HeartbeatTimeout === desired.HeartbeatTimeout &&
    observed.DefaultResult === desired.DefaultResult &&
    observed.NotificationMetadata === desired.NotificationMetadata
  );
}
