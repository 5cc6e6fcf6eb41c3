/**
 * Somebody else wrote first: reads the endpoint and its Node again, and decides again.
 *
 * In: the action that met a conflict. Out: the action to try next, or the outcome when there is nothing (more) to do.
 * Must never happen: an endpoint made for a machine that is not there any more, a rollback that an older run undoes, or
 * one that the guard has not seen: when the Node itself changed, the next run decides. Endpoints are read before Nodes, as in the snapshot.
 */
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Action, CreateAction, DeleteAction, UpdateAction } from "../model/plan.ts";
import { DELETIONS_ANNOTATION, HALT_NODE, ROLLOUT_ANNOTATION } from "../names/names.ts";
import { withBookkeeping } from "../plan/bookkeeping.ts";
import { driftOf } from "../plan/drift.ts";
import { isOwned } from "../plan/ownership.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import type { ApplyRequest } from "./apply-request.ts";

type Decision = Action | ActionOutcome;

export async function decideAnew(
  action: Action,
  request: ApplyRequest,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<Decision> {
  const current = await cluster.getHostEndpoint(request.group, action.name, signal);
  if (action.kind === "delete") return decideDeletion(action, current, request.owner);
  if (action.node === HALT_NODE) return decideHalt(action, current, request.owner);
  if (current !== undefined && !isOwned(current, request.owner))
    return {
      action,
      outcome: "failed",
      cause: "conflict",
      detail: `HostEndpoint/${action.name} exists and is not ours: rename one of the two, or take it over with "hepctl adopt ${action.name}"`,
    };
  if (current !== undefined && markOf(current) !== markOf("observed" in action ? action.observed : undefined))
    return {
      action,
      outcome: "no-longer-needed",
      detail: "another run moved its rollout on meanwhile; the next run goes on from there",
    };
  const node = await cluster.getNode(action.node, signal);
  if (node === undefined)
    return { action, outcome: "no-longer-needed", detail: `Node/${action.node} is gone meanwhile` };
  const wanted = withMark(
    request.wantedBy(node).find((it) => it.name === action.name),
    markOf(action.desired),
  );
  if (wanted !== undefined && current !== undefined && driftOf(current, wanted).length === 0)
    return {
      action,
      outcome: "no-longer-needed",
      detail: "another run made it so meanwhile",
      served: current,
    };
  if (wanted === undefined || driftOf(action.desired, wanted).length > 0)
    return {
      action,
      outcome: "failed",
      cause: "conflict",
      detail: `Node/${action.node} changed after it was read, so HostEndpoint/${action.name} must be judged anew; the next run does`,
    };
  return decideWrite(action, current);
}

/** Where a rollout stands is for the run to say, not for the templates. */
function markOf(endpoint: DesiredHostEndpoint | undefined): string | undefined {
  return endpoint?.annotations[ROLLOUT_ANNOTATION];
}

function withMark(
  wanted: DesiredHostEndpoint | undefined,
  mark: string | undefined,
): DesiredHostEndpoint | undefined {
  if (wanted === undefined || mark === undefined) return wanted;
  return { ...wanted, annotations: { ...wanted.annotations, [ROLLOUT_ANNOTATION]: mark } };
}

/** The mark that stops a rollout belongs to no Node, so that no Node's absence can make it unneeded: it is there, or it is written. */
function decideHalt(
  action: CreateAction | UpdateAction,
  current: HostEndpoint | undefined,
  owner: string,
): Decision {
  if (current === undefined) return decideWrite(action, undefined);
  if (isOwned(current, owner) && current.node === HALT_NODE && !current.deleting)
    return { action, outcome: "no-longer-needed", detail: "the rollout is stopped already", served: current };
  return {
    action,
    outcome: "failed",
    cause: "conflict",
    detail: `HostEndpoint/${action.name} would keep the rollout stopped, and ${current.deleting ? "is being deleted" : "is not ours"}`,
  };
}

function decideWrite(action: CreateAction | UpdateAction, current: HostEndpoint | undefined): Decision {
  const { name, node, desired } = action;
  if (current === undefined) return { kind: "create", name, node, desired };
  const { [DELETIONS_ANNOTATION]: _count, ...annotations } = desired.annotations;
  const changes = driftOf(current, { ...desired, annotations });
  if (changes.length === 0)
    return {
      action,
      outcome: "no-longer-needed",
      detail: "another run made it so meanwhile",
      served: current,
    };
  return {
    kind: "update",
    name,
    node,
    // What another run counted there meanwhile is not undone.
    desired: withBookkeeping(desired, current, undefined),
    observed: current,
    changes,
  };
}

function decideDeletion(action: DeleteAction, current: HostEndpoint | undefined, owner: string): Decision {
  if (current === undefined)
    return { action, outcome: "no-longer-needed", detail: "it was deleted meanwhile" };
  if (!isOwned(current, owner))
    return { action, outcome: "no-longer-needed", detail: "it belongs to somebody else now" };
  if (current.node !== action.node)
    return { action, outcome: "no-longer-needed", detail: `it is for node ${current.node} now` };
  return { ...action, observed: current };
}
