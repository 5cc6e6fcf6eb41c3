/**
 * What a lifecycle hook gets for an answer: the table in section 4 of the design.
 *
 * In: the hook, how it stands with its instance, the settings. Out: CONTINUE, hold, or nothing.
 * Must never happen: an answer to a hook that is not ours (completing EKS's own `Terminate-LC-Hook` would skip its
 * drain), or ABANDON (on terminate it would cut off the hooks of others; on launch it is for the hook's own timeout to say).
 */
import type { Settings } from "../config/settings.ts";
import type { LifecycleHook } from "../model/trigger.ts";
import { lifecycleHookNames } from "../names/names.ts";
import type { InstanceStatus } from "./instance-status.ts";

export type Completion =
  | { readonly kind: "complete"; readonly result: "CONTINUE"; readonly reason: CompletionReason }
  /** `heartbeat`: ask for more time. Without it the hook ends by its own default result. */
  | { readonly kind: "hold"; readonly heartbeat: boolean; readonly reason: HoldReason }
  | { readonly kind: "leave"; readonly reason: LeaveReason };

export type CompletionReason = "protected" | "fail-open" | "terminating" | "nothing-to-protect" | "warm-pool";
export type HoldReason = "waiting" | "withheld" | "failed" | "unknown-instance";
export type LeaveReason = "foreign-hook" | "other-cluster" | "unknown-instance";

export type CompletionSettings = Pick<Settings, "id" | "lifecycle" | "autoScalingGroups">;

/** `status` is `failed` too when the snapshot threw: nothing is known then. */
export function decideCompletion(
  hook: LifecycleHook,
  status: InstanceStatus,
  settings: CompletionSettings,
): Completion {
  if (!isOurs(hook, settings)) return { kind: "leave", reason: "foreign-hook" };
  // Another installation may bear our id in its cluster: the same hook names, another cluster's machine.
  if (status === "other-cluster") return { kind: "leave", reason: "other-cluster" };
  if (hook.destination === "WarmPool") return complete("warm-pool");
  return hook.transition === "terminate" ? onTerminate(status) : onLaunch(hook, status, settings);
}

/** By its name, which holds the installation's id, and by its direction. */
function isOurs(hook: LifecycleHook, settings: CompletionSettings): boolean {
  return lifecycleHookNames(settings.id)[hook.transition] === hook.hook;
}

function onTerminate(status: Exclude<InstanceStatus, "other-cluster">): Completion {
  switch (status) {
    case "converged":
    case "waiting":
    case "withheld":
    case "unfit":
    case "gone":
    case "unknown":
      return complete("terminating");
    case "failed":
      // No heartbeat: after its timeout the machine may go (the default result is CONTINUE), and the resync cleans up.
      return { kind: "hold", heartbeat: false, reason: "failed" };
  }
}

function onLaunch(
  hook: LifecycleHook,
  status: Exclude<InstanceStatus, "other-cluster">,
  settings: CompletionSettings,
): Completion {
  const isFailClosed = settings.lifecycle.launch === "abandon";
  switch (status) {
    case "converged":
      return complete("protected");
    case "unfit":
    case "gone":
      return complete("nothing-to-protect");
    case "waiting":
      return { kind: "hold", heartbeat: true, reason: "waiting" };
    case "withheld":
      // Fail closed: no heartbeat, so that the hook's timeout abandons what nobody repairs.
      return isFailClosed ? { kind: "hold", heartbeat: false, reason: "withheld" } : complete("fail-open");
    case "failed":
      return { kind: "hold", heartbeat: true, reason: "failed" };
    case "unknown":
      // EC2 is eventually consistent: a machine of a group that is ours will be known soon.
      return settings.autoScalingGroups.includes(hook.autoScalingGroup)
        ? { kind: "hold", heartbeat: true, reason: "unknown-instance" }
        : { kind: "leave", reason: "unknown-instance" };
  }
}

function complete(reason: CompletionReason): Completion {
  return { kind: "complete", result: "CONTINUE", reason };
}
