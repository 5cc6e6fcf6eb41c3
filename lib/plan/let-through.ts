/**
 * The one place that says of an action that it may be written, and the one that knows whether it was said.
 *
 * The guard says it of what it has proven; giving traffic back, and the rollout's own marks, need no proof. A fence holds who may
 * import this file (.dependency-cruiser.cjs), a test that nobody else casts to the type. Must never happen: an action that is
 * changed after it was let through, and is still taken for it. So the object itself is remembered, not what it looks like.
 */
import type { LetThrough } from "../model/guarded-plan.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import type { Action, CreateAction, UpdateAction } from "../model/plan.ts";
import { driftOf } from "./drift.ts";

const known = new WeakSet<Action>();

export function letThrough<Kind extends Action>(action: Kind): LetThrough<Kind> {
  known.add(action);
  return action as LetThrough<Kind>;
}

/** The same write with more annotations of ours, which decide nothing about traffic. */
export function annotated(
  action: LetThrough<CreateAction> | LetThrough<UpdateAction>,
  annotations: StringMap,
): LetThrough<CreateAction> | LetThrough<UpdateAction> {
  requireLetThrough(action);
  const desired = { ...action.desired, annotations: { ...action.desired.annotations, ...annotations } };
  return action.kind === "create"
    ? letThrough<CreateAction>({ ...action, desired })
    : letThrough<UpdateAction>({ ...action, desired, changes: driftOf(action.observed, desired) });
}

/** @throws an Error for an action that nobody let through: a fault of this program, and nothing is written. */
export function requireLetThrough(action: LetThrough): void {
  if (!known.has(action))
    throw new Error(`${action.kind} HostEndpoint/${action.name} was not let through by the guard`);
}
