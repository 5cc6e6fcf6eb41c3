/**
 * Stage `canary`: a few nodes of each group first; the rest of a group follows when they stayed healthy; a regression
 * gives the canaries their traffic back, removes their endpoints, and stops everything.
 *
 * In: what the other rules let through, the snapshot with the health of the canaries. Out: what may be done now, what
 * waits, and what must be removed once it carries the allow profile. All state is in annotations on endpoints of ours, so
 * a run that ends anywhere is continued by the next.
 * Must never happen: a node that is not a canary touched by a rollout while a canary of its group is on trial, or an
 * endpoint of a sick canary removed before it allows everything and the stop is written down.
 */
import type { Finding } from "../model/finding.ts";
import type { LetThrough, WithheldAction } from "../model/guarded-plan.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Action, DeleteAction } from "../model/plan.ts";
import { readRolloutMark } from "../model/rollout.ts";
import { haltName, ROLLOUT_ANNOTATION } from "../names/names.ts";
import { isLoosening } from "../guard/loosening.ts";
import type { GuardRequest } from "../guard/rule.ts";
import { creationOfHalt, rollbackOf } from "./roll-back.ts";
import { haltIn, trialsOf, type Trial } from "./trials.ts";
import { widen } from "./widen.ts";

export type RolloutDecision = {
  readonly allowed: readonly LetThrough[];
  readonly withheld: readonly WithheldAction[];
  /** To be removed once the update that lets everything through is written. */
  readonly afterwards: readonly LetThrough<DeleteAction>[];
  readonly findings: readonly Finding[];
};

/** In: actions that no rule has anything against. */
export function planRollout(request: GuardRequest, actions: readonly LetThrough[]): RolloutDecision {
  const { snapshot, safety } = request;
  const trials = trialsOf(snapshot, safety);
  const halt = haltIn(snapshot, safety);
  const sick = trials.filter((it) => it.stand.kind === "sick");
  const decision =
    sick.length > 0 || halt !== undefined
      ? stop(request, actions, sick, halt)
      : { ...widen(request, actions, trials), afterwards: [], findings: [] };
  return {
    ...decision,
    findings: [...decision.findings, ...soakingFindings(request, trials), ...unreadableFindings(request)],
  };
}

function stop(
  request: GuardRequest,
  actions: readonly LetThrough[],
  sick: readonly Trial[],
  halt: HostEndpoint | undefined,
): RolloutDecision {
  const because =
    [...sick.map(reasonOf), readRolloutMark(halt?.annotations[ROLLOUT_ANNOTATION])?.because].find(
      (it) => it !== undefined,
    ) ?? "a canary fell ill";
  const rollback = rollbackOf(
    sick.map((it) => ({ observed: it.endpoint, because: reasonOf(it) ?? because })),
    request.snapshot.takenAt,
  );
  const names = new Set(sick.map((it) => it.endpoint.name));
  const others = actions.filter((it) => !names.has(it.name));
  const name = haltName(request.safety.id);
  const [group] = request.snapshot.group.split("/");
  const fix = `find out why, then let the rollout begin anew: kubectl delete hostendpoints.${group} ${name}; or set \`stage: enforce\``;
  return {
    allowed: [
      ...rollback.updates,
      ...(halt === undefined ? [creationOfHalt(request, because)] : []),
      ...others.filter(goesOn),
    ],
    withheld: others
      .filter((it) => !goesOn(it))
      .map((action) => ({
        action,
        violation: { reason: "canary-rolled-back", detail: `the rollout was stopped: ${because}`, fix },
      })),
    afterwards: rollback.removals,
    findings: [
      {
        severity: "error",
        code: "canary-rolled-back",
        object: `HostEndpoint/${name}`,
        message: `${because}: its endpoint is given the allow profile and removed, and no other node is touched`,
        fix,
      },
    ],
  };
}

/** What gives traffic back needs nobody's leave: the endpoint of a node that is gone goes, and the allow profile may come. */
function goesOn(action: Action): boolean {
  switch (action.kind) {
    case "delete":
      return true;
    case "update":
      return isLoosening(action) && action.changes.some(({ path }) => path === "spec.profiles");
    case "create":
      return false;
  }
}

function reasonOf({ stand }: Trial): string | undefined {
  return stand.kind === "sick" ? stand.because : undefined;
}

function soakingFindings({ safety }: GuardRequest, trials: readonly Trial[]): readonly Finding[] {
  return trials
    .filter((it) => it.stand.kind === "soaking")
    .map(({ endpoint, mark }) => ({
      severity: "info",
      code: "canary-soaking",
      object: `HostEndpoint/${endpoint.name}`,
      message: `canary since ${mark.since}: Node/${endpoint.node} must stay healthy for ${safety.canary.soakSeconds} s before its node group follows`,
      fix: "nothing to do: a later run goes on",
    }));
}

/** A canary that nobody may look at would be on trial for ever. */
function unreadableFindings({ snapshot, safety }: GuardRequest): readonly Finding[] {
  const [first] = (snapshot.health ?? []).filter((it) => it.unreadable !== undefined);
  if (first === undefined) return [];
  return [
    {
      severity: "error",
      code: "canary-unreadable",
      object: `Node/${first.node}`,
      message: `the health of a canary cannot be read, so no canary can pass: ${first.unreadable ?? ""}`,
      fix: `apply what "hepctl rbac${safety.canary.probe ? " --with probe" : ""}" prints`,
    },
  ];
}
