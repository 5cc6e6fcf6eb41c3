import { ascending } from "../model/ascending.ts";
import type { LetThrough, WithheldAction } from "../model/guarded-plan.ts";
import type { Node } from "../model/node.ts";
import { nodeGroupOf } from "../model/node-group.ts";
import type { Action, CreateAction, UpdateAction } from "../model/plan.ts";
import type { RolloutMark } from "../model/rollout.ts";
import { ROLLOUT_ANNOTATION } from "../names/names.ts";
import { annotated } from "../plan/let-through.ts";
import { isOwned } from "../plan/ownership.ts";
import { isLoosening } from "../guard/loosening.ts";
import type { GuardRequest } from "../guard/rule.ts";
import { isHalt } from "./roll-back.ts";
import { shapes, type ShapeOf } from "./shape.ts";
import type { Trial } from "./trials.ts";

/**
 * Lets each group go as far as its canaries have proven. A rollout is what makes a node governed, or governed otherwise:
 * creations, and updates of profiles, of interfaces, or of labels by which other policies select it. Everything else
 * follows the node's own life and waits for nobody.
 *
 * A group and a shape are open when an endpoint that is part of no trial lives with that shape in that group already, or
 * a canary has just passed; and closed while another canary of both is on trial. At most `nodesPerGroup` nodes of a group
 * are on trial, for whatever shapes, first names first.
 */
export function widen(
  request: GuardRequest,
  actions: readonly LetThrough[],
  trials: readonly Trial[],
): { readonly allowed: readonly LetThrough[]; readonly withheld: readonly WithheldAction[] } {
  const { snapshot, safety } = request;
  const nodes = new Map(snapshot.nodes.map((it) => [it.name, it]));
  const shapeOf = shapes(snapshot);
  const open = openTrials(request, trials, nodes, shapeOf);
  const canaries = new Map<string, Set<string>>();
  for (const { endpoint, stand } of trials) {
    const node = nodes.get(endpoint.node);
    if (node !== undefined && stand.kind === "soaking") namesIn(canaries, nodeGroupOf(node)).add(node.name);
  }
  const allowed: LetThrough[] = [];
  const waiting: { readonly action: Action; readonly group: string }[] = [];
  for (const action of [...actions].sort(ascending((it) => it.node))) {
    const node = nodes.get(action.node);
    if (action.kind === "delete" || node === undefined || !isRollout(action, shapeOf)) {
      allowed.push(action);
      continue;
    }
    const group = nodeGroupOf(node);
    if (open.has(keyOf(group, shapeOf(action.desired)))) {
      allowed.push(action);
      continue;
    }
    const onTrial = namesIn(canaries, group);
    const hasRoom = onTrial.has(node.name) || onTrial.size < safety.canary.nodesPerGroup;
    if (
      snapshot.scope.kind === "cluster" &&
      snapshot.complete &&
      node.ready === "True" &&
      !node.deleting &&
      hasRoom
    ) {
      onTrial.add(node.name);
      const mark: RolloutMark = { phase: "soaking", since: snapshot.takenAt };
      allowed.push(annotated(action, { [ROLLOUT_ANNOTATION]: JSON.stringify(mark) }));
    } else waiting.push({ action, group });
  }
  // Only now is it known for whom they wait.
  const withheld = waiting.map(({ action, group }) => ({
    action,
    violation: waitFor(request, group, namesIn(canaries, group)),
  }));
  return { allowed, withheld };
}

function openTrials(
  { snapshot, safety }: GuardRequest,
  trials: readonly Trial[],
  nodes: ReadonlyMap<string, Node>,
  shapeOf: ShapeOf,
): ReadonlySet<string> {
  const soaking = new Set(trials.filter((it) => it.stand.kind !== "passed").map((it) => it.endpoint.name));
  const open = new Set<string>();
  const closed = new Set<string>();
  for (const endpoint of snapshot.hostEndpoints) {
    const node = nodes.get(endpoint.node);
    if (node === undefined || !isOwned(endpoint, safety.id) || isHalt(endpoint) || endpoint.deleting)
      continue;
    const key = keyOf(nodeGroupOf(node), shapeOf(endpoint));
    if (soaking.has(endpoint.name)) closed.add(key);
    // A node that is not Ready shows nothing about what its endpoint does.
    else if (node.ready === "True") open.add(key);
  }
  return new Set([...open].filter((it) => !closed.has(it)));
}

function isRollout(action: CreateAction | UpdateAction, shapeOf: ShapeOf): boolean {
  if (action.kind === "create") return true;
  if (isLoosening(action)) return false;
  const { observed, desired } = action;
  if (observed.node !== desired.node || shapeOf(observed) !== shapeOf(desired)) return true;
  // Without an interface name the addresses say which card is governed.
  return desired.interfaceName === "" && action.changes.some(({ path }) => path === "spec.expectedIPs");
}

function waitFor(
  { snapshot, safety }: GuardRequest,
  group: string,
  canaries: ReadonlySet<string>,
): WithheldAction["violation"] {
  const detail =
    canaries.size > 0
      ? `${[...canaries].sort().join(", ")} of node group ${group} must stay healthy for ${safety.canary.soakSeconds} s first`
      : snapshot.scope.kind === "cluster"
        ? `no node of node group ${group} is Ready, so none can be the canary`
        : `a trial in node group ${group} begins in a full run only, which knows all of its nodes`;
  return {
    reason: "canary-wait",
    detail,
    fix: "nothing to do: the rollout goes on by itself, or set `stage: enforce` to skip it",
  };
}

function namesIn(sets: Map<string, Set<string>>, group: string): Set<string> {
  const names = sets.get(group) ?? new Set<string>();
  sets.set(group, names);
  return names;
}

function keyOf(group: string, shape: string): string {
  return `${group} ${shape}`;
}
