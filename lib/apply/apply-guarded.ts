/**
 * Does what the guard let through, and then removes what had to allow everything first.
 *
 * In: a guarded plan and writers. Out: one outcome for each endpoint that was touched, the last one of each.
 * Must never happen: a removal whose own update was not written, or any removal while the mark that keeps the rollout
 * stopped is not: the next run would begin the rollout again.
 */
import pLimit from "p-limit";
import { GatewayError } from "../model/errors.ts";
import type { GuardedPlan, WaitingMark } from "../model/guarded-plan.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Action } from "../model/plan.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { HALT_NODE, WAITS_ANNOTATION } from "../names/names.ts";
import { annotateEndpoint } from "./annotate-endpoint.ts";
import { applyPlan } from "./apply-plan.ts";
import type { ApplyRequest } from "./apply-request.ts";
import { claimDeletions } from "./claim-deletions.ts";

export async function applyGuarded(
  {
    allowed,
    afterwards = [],
    claim,
    waits = [],
  }: Pick<GuardedPlan, "allowed" | "afterwards" | "claim" | "waits">,
  request: Omit<ApplyRequest, "actions">,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly ActionOutcome[]> {
  const removing = new Set<Action>(allowed.filter((it) => it.kind === "delete"));
  const written = await applyPlan(
    { ...request, actions: allowed.filter((it) => !removing.has(it)) },
    cluster,
    signal,
  );
  await markWaiting(waits, request, cluster, signal);
  const refused = claim === undefined ? [] : await claimDeletions(claim, written, request, cluster, signal);
  for (const { action } of refused) removing.delete(action);
  const gone = await applyPlan(
    { ...request, actions: allowed.filter((it) => removing.has(it)) },
    cluster,
    signal,
  );
  const outcomes = [...written, ...gone, ...refused];
  const isStopped = outcomes.every((it) => it.action.node !== HALT_NODE || isThere(it));
  if (afterwards.length === 0 || !isStopped) return outcomes;
  // Also when another run wrote first: what it wrote may not be what allows everything.
  const unwritten = new Set(outcomes.filter((it) => it.outcome !== "applied").map((it) => it.action.name));
  const removals = afterwards.filter((it) => !unwritten.has(it.name));
  const removed = await applyPlan({ ...request, actions: removals }, cluster, signal);
  const names = new Set(removed.map((it) => it.action.name));
  return [...outcomes.filter((it) => !names.has(it.action.name)), ...removed];
}

/** One that cannot be marked is marked by the next run: it waits in this one all the same. */
async function markWaiting(
  waits: readonly WaitingMark[],
  { group, owner, concurrency }: Pick<ApplyRequest, "group" | "owner" | "concurrency">,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<void> {
  const limit = pLimit(concurrency);
  await Promise.all(
    waits.map((it) =>
      limit(async () => {
        const annotations = () => ({ [WAITS_ANNOTATION]: it.class });
        try {
          await annotateEndpoint({ observed: it.observed, group, owner, annotations }, cluster, signal);
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error;
        }
      }),
    ),
  );
}

/** Written by us, or seen: "not failed" is not enough. */
function isThere(outcome: ActionOutcome): boolean {
  if (outcome.outcome === "applied") return outcome.served?.deleting !== true;
  return outcome.outcome === "no-longer-needed" && outcome.served?.deleting === false;
}
