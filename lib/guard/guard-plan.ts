/**
 * Proves a plan before it is written: every action that could expose a node or cut it off is withheld, with the reason
 * and the fix.
 *
 * In: a plan, the snapshot that it was made from, the safety policy. Out: what may be done, in the order in which it
 * must be done, and what is withheld.
 * Must never happen: an essential flow of a node that is allowed today and denied after what is let through.
 */
import type { GuardedPlan, Violation } from "../model/guarded-plan.ts";
import type { Action } from "../model/plan.ts";
import { HALT_NODE } from "../names/names.ts";
import { isAllowing, isLoosening } from "./loosening.ts";
import { planRollout } from "./rollout/plan-rollout.ts";
import type { GuardRequest, Rule } from "./rule.ts";
import { autoCreationRule } from "./rules/auto-creation.ts";
import { deleteBudgetRule } from "./rules/delete-budget.ts";
import { emptyClusterRule } from "./rules/empty-cluster.ts";
import { essentialFlowsRule } from "./rules/essential-flows.ts";
import { forgeableLabelsRule } from "./rules/forgeable-labels.ts";
import { missingAddressesRule } from "./rules/missing-addresses.ts";
import { observeStageRule } from "./rules/observe-stage.ts";
import { poisonObjectRule } from "./rules/poison-object.ts";
import { pauseRule } from "./rules/pause.ts";
import { precedenceRule } from "./rules/precedence.ts";
import { profileRule } from "./rules/profile.ts";

/** In order: the first rule that has something against an action names the reason. */
const RULES: readonly Rule[] = [
  pauseRule,
  emptyClusterRule,
  deleteBudgetRule,
  profileRule,
  missingAddressesRule,
  autoCreationRule,
  precedenceRule,
  forgeableLabelsRule,
  poisonObjectRule,
  essentialFlowsRule,
  observeStageRule,
];

export function guardPlan(whole: GuardRequest): GuardedPlan {
  const rollsOut = whole.policy.stage === "canary" && whole.snapshot.cluster.paused === undefined;
  const request = rollsOut ? withoutHalt(whole) : whole;
  const verdicts = RULES.map((rule) => rule(request));
  const judged = request.plan.actions.map((action) => ({
    action,
    violation: firstViolation(action, verdicts),
  }));
  const withheld = judged.flatMap(({ action, violation }) =>
    violation === undefined ? [] : [{ action, violation }],
  );
  const findings = verdicts.flatMap((it) => it.findings);
  const allowed = judged.flatMap((it) => (it.violation === undefined ? [it.action] : []));
  if (!rollsOut) return { allowed: allowed.sort(allowingFirst), withheld, findings };
  const rollout = planRollout(request, allowed);
  return {
    allowed: [...rollout.allowed].sort(allowingFirst),
    afterwards: rollout.afterwards,
    withheld: [...withheld, ...rollout.withheld],
    findings: [...findings, ...rollout.findings],
  };
}

/** The mark of a stopped rollout belongs to no node: without this every run would take it for an orphan, and count it against the budget. */
function withoutHalt(request: GuardRequest): GuardRequest {
  return {
    ...request,
    plan: { ...request.plan, actions: request.plan.actions.filter((it) => it.node !== HALT_NODE) },
  };
}

function firstViolation(action: Action, verdicts: readonly ReturnType<Rule>[]): Violation | undefined {
  for (const verdict of verdicts) {
    const violation = verdict.judge(action);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/**
 * What allows goes first, what denies goes last: observed on a real Felix, an endpoint before its allow policy loses
 * packets, the policy first loses none (calico-semantics 0, item 9). Deletions come after everything else: they give their
 * own node back its traffic, but take its addresses out of what others allow.
 */
function allowingFirst(a: Action, b: Action): number {
  return rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function rankOf(action: Action): number {
  switch (action.kind) {
    case "update":
      return isLoosening(action) ? 0 : 2;
    case "create":
      return isAllowing(action.desired.profiles) ? 1 : 3;
    case "delete":
      return 4;
  }
}
