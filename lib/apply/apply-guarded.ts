/**
 * Does what the guard let through, and then removes what had to allow everything first.
 *
 * In: a guarded plan and writers. Out: one outcome for each endpoint that was touched, the last one of each.
 * Must never happen: a removal whose own update was not written, or any removal while the mark that keeps the rollout
 * stopped is not: the next run would begin the rollout again.
 */
import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { HALT_NODE } from "../names/names.ts";
import { applyPlan } from "./apply-plan.ts";
import type { ApplyRequest } from "./apply-request.ts";

export async function applyGuarded(
  { allowed, afterwards = [] }: Pick<GuardedPlan, "allowed" | "afterwards">,
  request: Omit<ApplyRequest, "actions">,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly ActionOutcome[]> {
  const outcomes = await applyPlan({ ...request, actions: allowed }, cluster, signal);
  const isStopped = outcomes.every((it) => it.action.node !== HALT_NODE || isThere(it));
  if (afterwards.length === 0 || !isStopped) return outcomes;
  // Also when another run wrote first: what it wrote may not be what allows everything.
  const unwritten = new Set(outcomes.filter((it) => it.outcome !== "applied").map((it) => it.action.name));
  const removals = afterwards.filter((it) => !unwritten.has(it.name));
  const removed = await applyPlan({ ...request, actions: removals }, cluster, signal);
  const done = new Set(removed.map((it) => it.action.name));
  return [...outcomes.filter((it) => !done.has(it.action.name)), ...removed];
}

/** Written by us, or seen: "not failed" is not enough. */
function isThere(outcome: ActionOutcome): boolean {
  if (outcome.outcome === "applied") return outcome.served?.deleting !== true;
  return outcome.outcome === "no-longer-needed" && outcome.served?.deleting === false;
}
