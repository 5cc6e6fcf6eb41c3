/**
 * What a lifecycle hook gets for an answer: the table in section 4 of docs/architecture.md.
 *
 * In: the hook, how it stands with its instance, the settings. Out: CONTINUE, hold, or nothing.
 * Must never happen: an answer to a hook that is not ours (completing EKS's own `Terminate-LC-Hook` would skip its
 * drain), or ABANDON (on terminate it would cut off the hooks of others; on launch it is for the hook's own timeout to say).
 * So whose hook it is comes first, whatever else would be quicker.
 */
import type { Settings } from "../config/settings.ts";
import type { LifecycleHook } from "../model/trigger.ts";
import { installationName, lifecycleHookNames } from "../names/names.ts";
import type { InstanceStatus } from "./instance-status.ts";

export type Completion =
  | { readonly kind: "complete"; readonly result: "CONTINUE"; readonly reason: CompletionReason }
  /** `heartbeat`: ask for more time. Without it the hook ends by its own default result. */
  | { readonly kind: "hold"; readonly heartbeat: boolean; readonly reason: HoldReason }
  | { readonly kind: "leave"; readonly reason: LeaveReason };

export type CompletionReason =
  | "protected"
  | "fail-open"
  | "terminating"
  | "nothing-to-protect"
  | "warm-pool"
  | "observe-stage"
  | "not-its-turn";
export type HoldReason = "waiting" | "withheld" | "failed" | "unknown-instance";
export type LeaveReason =
  "foreign-hook" | "other-installation" | "other-cluster" | "not-ours" | "unknown-instance";

export type CompletionSettings = Pick<Settings, "id" | "lifecycle" | "autoScalingGroups" | "stage"> & {
  readonly cluster?: { readonly name: string } | undefined;
};

/** Status of an instance whose hook is ours. */
type OwnStatus = Exclude<InstanceStatus, "other-cluster" | "not-ours">;

/** `status` is `failed` too when the snapshot threw: nothing is known then. */
export function decideCompletion(
  hook: LifecycleHook,
  status: InstanceStatus,
  settings: CompletionSettings,
): Completion {
  if (lifecycleHookNames(settings.id)[hook.transition] !== hook.hook) return leave("foreign-hook");
  // Another installation may bear our id in its cluster: the same hook names, another cluster's machine.
  const metadata = metadataSays(hook, settings);
  if (metadata === "other") return leave("other-installation");
  if (status === "other-cluster" || status === "not-ours") return leave(status);
  const isProven = metadata === "ours" || settings.autoScalingGroups.includes(hook.autoScalingGroup);
  if (status === "unknown" && !isProven) return ofUnproven(hook, settings);
  // A stage that must not touch the cluster must not touch machines.
  if (settings.stage === "observe") return complete("observe-stage");
  if (hook.destination === "WarmPool") return complete("warm-pool");
  return hook.transition === "terminate" ? onTerminate(status) : onLaunch(status, settings);
}

/** The stack and the resync write it on every hook that they put. */
function metadataSays(
  { metadata }: LifecycleHook,
  { cluster, id }: CompletionSettings,
): "ours" | "other" | "nothing" {
  if (metadata === undefined || metadata === "" || cluster === undefined) return "nothing";
  return metadata === installationName(cluster.name, id) ? "ours" : "other";
}

/** Names of the Auto Scaling groups that EKS makes begin so (docs/aws.md 3.3). */
const NODE_GROUP_PREFIX = "eks-";

/**
 * EC2 is eventually consistent: a machine of a managed node group will be known soon, and its tags then say whose it is. Held
 * without a heartbeat: that would be a call about a hook that may be another's.
 */
function ofUnproven(hook: LifecycleHook, { lifecycle }: CompletionSettings): Completion {
  return lifecycle.managedNodeGroups && hook.autoScalingGroup.startsWith(NODE_GROUP_PREFIX)
    ? { kind: "hold", heartbeat: false, reason: "unknown-instance" }
    : leave("unknown-instance");
}

function onTerminate(status: OwnStatus): Completion {
  // No heartbeat: after its timeout the machine may go (the default result is CONTINUE), and the resync cleans up.
  return status === "failed" ? { kind: "hold", heartbeat: false, reason: "failed" } : complete("terminating");
}

function onLaunch(status: OwnStatus, { lifecycle }: CompletionSettings): Completion {
  switch (status) {
    case "converged":
      return complete("protected");
    case "unfit":
    case "gone":
      return complete("nothing-to-protect");
    case "not-its-turn":
      return complete("not-its-turn");
    case "withheld":
      // Fail closed: held while there is time, for somebody to mend the policy; at the hook's limit its default abandons.
      return lifecycle.launch === "abandon" ? hold("withheld") : complete("fail-open");
    case "waiting":
    case "failed":
      return hold(status);
    case "unknown":
      return hold("unknown-instance");
  }
}

function complete(reason: CompletionReason): Completion {
  return { kind: "complete", result: "CONTINUE", reason };
}

function hold(reason: HoldReason): Completion {
  return { kind: "hold", heartbeat: true, reason };
}

function leave(reason: LeaveReason): Completion {
  return { kind: "leave", reason };
}
