/**
 * Does what the guard let through, in its order, several at a time.
 *
 * In: allowed actions and writers. Out: one outcome for each of them; one failure stays one failure.
 * Must never happen: an unconditional write, a deletion without a live GET that says the Node is gone, or a write after
 * the time is up.
 */
import pLimit from "p-limit";
import type { CalicoGroup } from "../model/calico-group.ts";
import { ConflictError, GatewayError, NotFoundError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Action, CreateAction, DeleteAction, UpdateAction } from "../model/plan.ts";
import { driftOf } from "../plan/drift.ts";
import { isOwned } from "../plan/ownership.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { causeOf, describeFailure } from "./failure.ts";

export type ApplyRequest = {
  readonly actions: readonly Action[];
  readonly group: CalicoGroup;
  readonly owner: string;
  /** Writes in flight at most. */
  readonly concurrency: number;
  /** Which endpoint names a live node wants now; asked before an endpoint of a live node is deleted. */
  readonly wantedNames: (node: Node) => readonly string[];
  /** Told after each action, for progress. */
  readonly onOutcome?: (outcome: ActionOutcome) => void;
};

/** How often one action is decided anew when somebody else wrote in between. */
const MOST_ATTEMPTS = 4;

export async function applyPlan(
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly ActionOutcome[]> {
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
      await cluster.create(request.group, action.desired, signal);
      return { action, outcome: "applied" };
    case "update":
      await cluster.update(request.group, action.observed, action.desired, signal);
      return { action, outcome: "applied" };
    case "delete":
      return deleteProven(action, request, cluster, signal);
  }
}

async function deleteProven(
  action: DeleteAction,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const node = action.reason === "released" ? undefined : await cluster.getNode(action.node, signal);
  if (node !== undefined && action.reason === "node-gone")
    return { action, outcome: "no-longer-needed", detail: `Node/${action.node} is there after all` };
  if (node !== undefined && request.wantedNames(node).includes(action.name))
    return { action, outcome: "no-longer-needed", detail: `a template selects Node/${action.node} again` };
  await cluster.delete(request.group, action.observed, signal);
  return { action, outcome: "applied" };
}

/** Somebody else wrote first: read the endpoint again and decide again, as if it were a new plan. */
async function decideAnew(
  action: Action,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<Action | ActionOutcome> {
  const current = await cluster.getHostEndpoint(request.group, action.name, signal);
  if (action.kind === "delete") return decideDeleteAnew(action, current, request.owner);
  if (current === undefined) return { kind: "create", name: action.name, node: action.node, desired: action.desired };
  return decideWriteAnew(action, current, request.owner);
}

function decideDeleteAnew(
  action: DeleteAction,
  current: HostEndpoint | undefined,
  owner: string,
): Action | ActionOutcome {
  if (current === undefined) return { action, outcome: "no-longer-needed", detail: "it was deleted meanwhile" };
  if (!isOwned(current, owner))
    return { action, outcome: "no-longer-needed", detail: "it belongs to somebody else now" };
  if (current.node !== action.node)
    return { action, outcome: "no-longer-needed", detail: `it is for node ${current.node} now` };
  return { ...action, observed: current };
}

function decideWriteAnew(
  action: CreateAction | UpdateAction,
  current: HostEndpoint,
  owner: string,
): Action | ActionOutcome {
  if (!isOwned(current, owner))
    return {
      action,
      outcome: "failed",
      cause: "conflict",
      detail: `HostEndpoint/${action.name} exists and is not ours: rename one of the two, or take it over with "hepctl adopt ${action.name}"`,
    };
  const changes = driftOf(current, action.desired);
  if (changes.length === 0)
    return { action, outcome: "no-longer-needed", detail: "another run made it so meanwhile" };
  return {
    kind: "update",
    name: action.name,
    node: action.node,
    desired: action.desired,
    observed: current,
    changes,
  };
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
