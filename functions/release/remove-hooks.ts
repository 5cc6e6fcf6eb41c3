/**
 * Takes our lifecycle hooks away before their installation goes, or before a deployment no longer wants them: afterwards nobody would
 * answer them, and every launch would wait for its timeout, or die of it.
 *
 * In: what a coming deployment keeps; absent, nothing. Out: what was removed, and what could not be, each with a command that does.
 * Hooks on groups that the settings name are CloudFormation's to delete: here only their waiting machines are answered, because
 * the deletion would abandon them.
 */
import { describeError } from "../../lib/observability/describe-error.ts";
import { lifecycleHookNames } from "../../lib/names/names.ts";
import type { HooksOutcome } from "../../lib/ports/aws.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";

export type Kept = { readonly autoScalingGroups: readonly string[]; readonly managedNodeGroups: boolean };

export type HooksRemoved = {
  readonly status: "removed" | "partial";
  /** `GROUP/HOOK`, sorted. */
  readonly removed: readonly string[];
  readonly failed: readonly { readonly group: string; readonly because: string; readonly fix: string }[];
  readonly detail: string;
};

/** The resync puts no hooks for so long: a stack is gone by then, or its deletion failed and it is in force again. */
const PAUSE_MILLISECONDS = 3_600_000;

export async function removeHooks(
  keep: Kept | undefined,
  { settings, hooks, hooksPause, clock }: FunctionPorts,
  { log, signal }: Invocation,
): Promise<HooksRemoved> {
  const dropped = settings.autoScalingGroups.filter((it) => keep?.autoScalingGroups.includes(it) !== true);
  let outcome: HooksOutcome = { put: [], removed: [], failures: [] };
  if (keep?.managedNodeGroups !== true) {
    await hooksPause.pause(clock.now() + PAUSE_MILLISECONDS, signal).catch((error: unknown) => {
      log.warn(describeError(error), "the resync was not told; it may put hooks again");
    });
    outcome = await hooks.keep([], signal);
  }
  const answered = await hooks.letGo(dropped, signal);
  const failures = [...outcome.failures, ...answered.failures];
  const failed = failures.map(({ subject, error }) => ({
    group: subject,
    because: error.message,
    fix: byHand(subject, settings),
  }));
  const removed = [...outcome.removed].sort();
  log.warn({ cluster: settings.cluster.name, removed, failed }, "lifecycle hooks removed");
  return {
    status: failed.length === 0 ? "removed" : "partial",
    removed,
    failed,
    detail:
      failed.length === 0
        ? `${removed.length} lifecycle hooks removed from groups of managed node groups; no machine waits for us in ${dropped.length} named groups`
        : `some lifecycle hooks stay: ${failed.map((it) => `${it.group} (${it.because}); ${it.fix}`).join("; ")}`,
  };
}

function byHand(group: string, { id, cluster }: FunctionPorts["settings"]): string {
  const { launch, terminate } = lifecycleHookNames(id);
  const at = `--region ${cluster.region} --auto-scaling-group-name ${group}`;
  return (
    `aws autoscaling complete-lifecycle-action ${at} --lifecycle-hook-name ${launch} --lifecycle-action-result CONTINUE --instance-id INSTANCE ` +
    `for each instance in Pending:Wait, then aws autoscaling delete-lifecycle-hook ${at} --lifecycle-hook-name ${launch}, and the same for ${terminate}`
  );
}
