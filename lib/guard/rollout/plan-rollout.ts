/**
 * Stage `canary`: a few nodes of each group first; the rest of a group follows when they stayed healthy; a regression
 * gives the canaries their traffic back, removes their endpoints, and stops everything.
 *
 * In: what the other rules let through, the snapshot with the health of the canaries. Out: what may be done now, what
 * waits, and what must be removed once it carries the allow profile. All state is in annotations on endpoints of ours, so
 * a run that ends anywhere is continued by the next.
 * Must never happen: a node that is not a canary touched by a rollout while a canary of its group is on trial, or an
 * endpoint of a sick canary removed before it allows everything.
 */
import type { Finding } from "../../model/finding.ts";
import type { WithheldAction } from "../../model/guarded-plan.ts";
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Action, DeleteAction } from "../../model/plan.ts";
import { readRolloutMark } from "../../model/rollout.ts";
import { HALT_NODE, ROLLOUT_ANNOTATION } from "../../names/names.ts";
import { isOwned } from "../../plan/ownership.ts";
import type { GuardRequest } from "../rule.ts";
import { healthOf } from "./health.ts";
import { haltMark, isHalt, rollbackOf } from "./roll-back.ts";
import { widen } from "./widen.ts";

export type RolloutDecision = {
  readonly allowed: readonly Action[];
  readonly withheld: readonly WithheldAction[];
  /** To be removed once the update that lets everything through is written. */
  readonly afterwards: readonly DeleteAction[];
  readonly findings: readonly Finding[];
};

/** In: actions that no rule has anything against. */
export function planRollout(request: GuardRequest, allowed: readonly Action[]): RolloutDecision {
  const { snapshot, policy } = request;
  const actions = allowed.filter((it) => it.node !== HALT_NODE);
  const ours = snapshot.hostEndpoints.filter((it) => isOwned(it, policy.id) && !isHalt(it));
  const halt = snapshot.hostEndpoints.find((it) => isOwned(it, policy.id) && isHalt(it));
  const sick = ours.filter((it) => isSick(it, request));
  if (sick.length > 0 || halt !== undefined) return stop(request, actions, sick, halt);
  return { ...widen(request, actions, ours), afterwards: [], findings: [] };
}

/** A canary that fell ill on trial, or one whose rollback was interrupted. */
function isSick(endpoint: HostEndpoint, request: GuardRequest): boolean {
  const mark = markOf(endpoint);
  if (mark?.phase === "rolled-back") return true;
  if (mark?.phase !== "soaking") return false;
  const node = request.snapshot.nodes.find((it) => it.name === endpoint.node);
  return node !== undefined && healthOf(node, request).kind === "sick";
}

function stop(
  request: GuardRequest,
  actions: readonly Action[],
  sick: readonly HostEndpoint[],
  halt: HostEndpoint | undefined,
): RolloutDecision {
  const why = sick.map((it) => reasonFor(it, request)).join("; ");
  const because = why === "" ? (markOf(halt)?.because ?? "a canary fell ill") : why;
  const rollback = rollbackOf(sick, because, request.snapshot.takenAt);
  const names = new Set(sick.map((it) => it.name));
  const fix = `find out why, then let the rollout begin anew: kubectl delete hostendpoints.${groupName(request)} ${haltMark(request, because).name}`;
  const goesOn = (it: Action) => it.kind === "delete";
  return {
    allowed: [
      ...rollback.updates,
      ...(halt === undefined ? [{ kind: "create", name: haltMark(request, because).name, node: HALT_NODE, desired: haltMark(request, because) } as const] : []),
      ...actions.filter((it) => goesOn(it) && !names.has(it.name)),
    ],
    withheld: actions
      .filter((it) => !goesOn(it) && !names.has(it.name))
      .map((action) => ({ action, violation: { reason: "canary-rolled-back", detail: `the rollout was stopped: ${because}`, fix } })),
    afterwards: rollback.removals,
    findings: [
      {
        severity: "error",
        code: "canary-rolled-back",
        object: `HostEndpoint/${haltMark(request, because).name}`,
        message: `${because}: the endpoints of the canaries are given the allow profile and removed, and no other node is touched`,
        fix,
      },
    ],
  };
}

function reasonFor(endpoint: HostEndpoint, request: GuardRequest): string {
  const mark = markOf(endpoint);
  if (mark?.phase === "rolled-back") return mark.because ?? `Node/${endpoint.node} fell ill`;
  const node = request.snapshot.nodes.find((it) => it.name === endpoint.node);
  const health = node === undefined ? undefined : healthOf(node, request);
  return health?.kind === "sick" ? health.because : `Node/${endpoint.node} fell ill`;
}

function markOf(endpoint: HostEndpoint | undefined) {
  return readRolloutMark(endpoint?.annotations[ROLLOUT_ANNOTATION]);
}

function groupName({ snapshot }: GuardRequest): string {
  return snapshot.group.split("/")[0] ?? "";
}
