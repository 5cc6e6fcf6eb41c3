import type { WithheldAction } from "../../model/guarded-plan.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../../model/host-endpoint.ts";
import type { Node } from "../../model/node.ts";
import { nodeGroupOf } from "../../model/node-group.ts";
import type { Action, CreateAction, UpdateAction } from "../../model/plan.ts";
import { readRolloutMark, type RolloutMark } from "../../model/rollout.ts";
import { ROLLOUT_ANNOTATION } from "../../names/names.ts";
import { identityOf } from "./roll-back.ts";
import { isLoosening } from "../loosening.ts";
import type { GuardRequest } from "../rule.ts";

/** A group of nodes and a kind of endpoint: what one trial proves. */
type Trial = { readonly group: string; readonly shape: string };

/**
 * Lets each group go as far as its canaries have proven. A rollout is what makes a node governed, or governed otherwise:
 * creations, and updates of profiles or interfaces. A change of labels or addresses follows the node's own life and
 * waits for nobody.
 */
export function widen(
  request: GuardRequest,
  actions: readonly Action[],
  ours: readonly HostEndpoint[],
): { readonly allowed: readonly Action[]; readonly withheld: readonly WithheldAction[] } {
  const { snapshot, policy } = request;
  const nodes = new Map(snapshot.nodes.map((it) => [it.name, it]));
  const now = Date.parse(snapshot.takenAt);
  const isSoaked = (mark: RolloutMark) => now - Date.parse(mark.since) >= policy.canary.soakSeconds * 1000;
  const open = new Set<string>();
  const onTrial = new Map<string, Set<string>>();
  const proven: UpdateAction[] = [];
  for (const endpoint of ours) {
    const node = nodes.get(endpoint.node);
    if (node === undefined) continue;
    const trial = keyOf({ group: nodeGroupOf(node), shape: shapeOf(endpoint) });
    const mark = markOf(endpoint);
    if (mark?.phase !== "soaking" || isSoaked(mark)) open.add(trial);
    else onTrial.set(trial, (onTrial.get(trial) ?? new Set()).add(node.name));
    if (mark?.phase === "soaking" && isSoaked(mark)) proven.push(markUpdate(endpoint, { phase: "proven", since: snapshot.takenAt }));
  }
  // A trial is proven only when all of its canaries are.
  for (const trial of onTrial.keys()) open.delete(trial);

  const allowed: Action[] = [];
  const withheld: WithheldAction[] = [];
  for (const action of [...actions].sort((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0))) {
    const node = nodes.get(action.node);
    if (action.kind === "delete" || node === undefined || !isRollout(action)) {
      allowed.push(action.kind === "update" ? keepingMark(action) : action);
      continue;
    }
    const trial = keyOf({ group: nodeGroupOf(node), shape: shapeOf(action.desired) });
    if (open.has(trial)) {
      allowed.push(action);
      continue;
    }
    const canaries = onTrial.get(trial) ?? new Set<string>();
    const mayBegin = snapshot.complete && node.ready === "True" && (canaries.has(node.name) || canaries.size < policy.canary.nodesPerGroup);
    if (mayBegin) {
      onTrial.set(trial, canaries.add(node.name));
      allowed.push(marked(action, { phase: "soaking", since: snapshot.takenAt }));
    } else withheld.push({ action, violation: waitFor(request, node, canaries) });
  }
  const touched = new Set(allowed.map((it) => it.name));
  return { allowed: [...proven.filter((it) => !touched.has(it.name)), ...allowed], withheld };
}

function isRollout(action: CreateAction | UpdateAction): boolean {
  if (action.kind === "create") return true;
  return !isLoosening(action) && action.changes.some(({ path }) => path === "spec.profiles" || path === "spec.interfaceName");
}

function waitFor({ snapshot, policy }: GuardRequest, node: Node, canaries: ReadonlySet<string>): WithheldAction["violation"] {
  const group = nodeGroupOf(node);
  const detail = !snapshot.complete
    ? `a rollout begins in a full run only, which knows all nodes of group ${group}`
    : canaries.size === 0
      ? `no node of group ${group} is Ready, so none can be the canary`
      : `${[...canaries].sort().join(", ")} of group ${group} must stay healthy for ${policy.canary.soakSeconds} s first`;
  return { reason: "canary-wait", detail, fix: "nothing to do: the rollout goes on by itself, or set `stage: enforce` to skip it" };
}

/** What changes what a node is governed by. */
function shapeOf({ interfaceName, profiles }: HostEndpoint | DesiredHostEndpoint): string {
  return JSON.stringify([interfaceName, profiles]);
}

function keyOf({ group, shape }: Trial): string {
  return `${group} ${shape}`;
}

function markOf(endpoint: HostEndpoint): RolloutMark | undefined {
  return readRolloutMark(endpoint.annotations[ROLLOUT_ANNOTATION]);
}

function marked<T extends CreateAction | UpdateAction>(action: T, mark: RolloutMark): T {
  return { ...action, desired: { ...action.desired, annotations: { ...action.desired.annotations, [ROLLOUT_ANNOTATION]: JSON.stringify(mark) } } };
}

/** An update for another reason leaves the trial as it is. */
function keepingMark(action: UpdateAction): UpdateAction {
  const mark = markOf(action.observed);
  return mark === undefined ? action : marked(action, mark);
}

function markUpdate(observed: HostEndpoint, mark: RolloutMark): UpdateAction {
  const { name, node, interfaceName, expectedIPs, profiles, labels } = observed;
  const text = JSON.stringify(mark);
  const from = observed.annotations[ROLLOUT_ANNOTATION];
  return {
    kind: "update",
    name,
    node,
    observed,
    desired: { name, node, interfaceName, expectedIPs: [...expectedIPs].sort(), profiles, labels, annotations: { ...identityOf(observed), [ROLLOUT_ANNOTATION]: text } },
    changes: [{ path: `metadata.annotations["${ROLLOUT_ANNOTATION}"]`, ...(from === undefined ? {} : { from }), to: text }],
  };
}
