/**
 * Does what the guard let through, in its order, several at a time.
 *
 * In: allowed actions and writers. Out: one outcome for each of them; one failure stays one failure.
 * Must never happen: a write that nobody let through, an unconditional write, a deletion without a live GET that says the Node is gone, or a write after
 * the time is up.
 */
import pLimit from "p-limit";
import { ConflictError, GatewayError, NotFoundError } from "../model/errors.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Action } from "../model/plan.ts";
import { requireLetThrough } from "../plan/let-through.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import type { ApplyRequest } from "./apply-request.ts";
import { decideAnew } from "./decide-anew.ts";
import { deleteProven } from "./delete-proven.ts";
import { causeOf, describeFailure } from "./failure.ts";
import { verifyWrite } from "./verify-write.ts";

/** How often one action is decided anew when somebody else wrote in between. */
const MOST_ATTEMPTS = 4;

export async function applyPlan(
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly ActionOutcome[]> {
  for (const action of request.actions) requireLetThrough(action);
  const outcomes: ActionOutcome[] = [];
  for (const phase of phasesOf(request.actions)) {
    const limit = pLimit(request.concurrency);
    outcomes.push(
      ...(await Promise.all(
        phase.map((action) =>
          limit(async () => {
            const outcome = await applyOne(action, request, cluster, signal);
            request.onOutcome?.(outcome);
            return outcome;
          }),
        ),
      )),
    );
  }
  return outcomes;
}

/** What creates or repairs comes before what removes: nothing is taken away before its successor is there. */
function phasesOf(actions: readonly Action[]): readonly (readonly Action[])[] {
  return [actions.filter((it) => it.kind !== "delete"), actions.filter((it) => it.kind === "delete")];
}

async function applyOne(
  action: Action,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  if (signal.aborted) return notReached(action);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptAction(action, request, cluster, signal);
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !(error instanceof ConflictError || error instanceof NotFoundError))
          throw error;
        const next = await decideAnew(action, request, cluster, signal);
        if ("outcome" in next) return next;
        action = next;
      }
    }
  } catch (error) {
    if (signal.aborted) return notReached(action, error);
    if (!(error instanceof GatewayError)) throw error;
    return { action, outcome: "failed", cause: causeOf(error), detail: describeFailure(action, error) };
  }
}

async function attemptAction(
  action: Action,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  switch (action.kind) {
    case "create":
      return verifyWrite(action, await cluster.create(request.group, action.desired, signal));
    case "update":
      return verifyWrite(
        action,
        await cluster.update(request.group, action.observed, action.desired, signal),
      );
    case "delete":
      return deleteProven(action, request, cluster, signal);
  }
}

function notReached(action: Action, error?: unknown): ActionOutcome {
  const begun = error === undefined ? "not begun" : "not known to be done";
  return {
    action,
    outcome: "failed",
    cause: "out-of-time",
    detail: `the time budget ended first; ${begun}. The next run continues here`,
  };
}
