/**
 * Part of every resync: our hooks on the groups of managed node groups are as the settings want them, or gone.
 *
 * In: the settings. Out: how many groups it failed for. In stage `observe`, and with `managedNodeGroups: false`, no hook is wanted:
 * what an earlier deployment put is removed.
 */
import { wantedHooks } from "../../lib/lifecycle/wanted-hooks.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";

/** True once a container has found that nothing unwanted is left: its settings never change, so it need not look again. */
export type HooksMemory = { isClean: boolean };

export async function keepHooks(
  { settings, hooks, hooksPause, clock }: FunctionPorts,
  memory: HooksMemory,
  { log, signal }: Pick<Invocation, "log" | "signal">,
): Promise<number> {
  const wanted = settings.lifecycle.managedNodeGroups ? wantedHooks(settings) : [];
  if (wanted.length === 0 && memory.isClean) return 0;
  try {
    if (wanted.length > 0 && (await hooksPause.until(signal)) > clock.now()) return 0;
    const { put, removed, failures } = await hooks.keep(wanted, signal);
    if (put.length > 0) log.info({ put }, "lifecycle hooks put");
    if (removed.length > 0) log.info({ removed }, "lifecycle hooks removed");
    for (const { subject, error } of failures)
      log.warn({ autoScalingGroup: subject, ...describeError(error) }, "lifecycle hooks not as wanted");
    memory.isClean = wanted.length === 0 && failures.length === 0;
    return failures.length;
  } catch (error) {
    log.warn(describeError(error), "groups of managed node groups not read");
    return 1;
  }
}
