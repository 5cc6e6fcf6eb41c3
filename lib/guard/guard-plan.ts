/**
 * Proves a plan before it is written: every action that could expose a node or cut it off is withheld, with the reason
 * and the fix.
 *
 * In: a plan, the snapshot that it was made from, the settings of safety. Out: what may be done, in the order in which it
 * must be done, and what is withheld.
 * Must never happen: an essential flow of a node that is allowed today and denied after what is let through.
 */
import type { GuardedPlan, Violation } from "../model/guarded-plan.ts";
import type { Action } from "../model/plan.ts";
import { HALT_NODE } from "../names/names.ts";
import { letThrough } from "../plan/let-through.ts";
import { allowingFirst } from "./allowing-first.ts";
import type { GuardRequest, Rule } from "./rule.ts";
import { autoCreationRule } from "./rules/auto-creation.ts";
import { contestedAddressesRule } from "./rules/contested-addresses.ts";
import { deleteBudgetRule } from "./rules/delete-budget.ts";
import { emptyClusterRule } from "./rules/empty-cluster.ts";
import { essentialFlowsRule } from "./rules/essential-flows.ts";
import { foreignAddressesRule } from "./rules/foreign-addresses.ts";
import { providerRule } from "./rules/provider.ts";
import { refusedAddressesRule } from "./rules/refused-addresses.ts";
import { unconfirmedAddressesRule } from "./rules/unconfirmed-addresses.ts";
import { forgeableLabelsRule } from "./rules/forgeable-labels.ts";
import { missingAddressesRule } from "./rules/missing-addresses.ts";
import { observeStageRule } from "./rules/observe-stage.ts";
import { looseningRule } from "./rules/loosening.ts";
import { orphansRule } from "./rules/orphans.ts";
import { poisonObjectRule } from "./rules/poison-object.ts";
import { pauseRule } from "./rules/pause.ts";
import { precedenceRule } from "./rules/precedence.ts";
import { profileRule } from "./rules/profile.ts";
import { tooManyAddressesRule } from "./rules/too-many-addresses.ts";
import { missingTypesRule } from "./rules/missing-types.ts";
import { skippedObjectsRule } from "./rules/skipped-objects.ts";

/** In order: the first rule that has something against an action names the reason. */
const RULES: readonly Rule[] = [
  pauseRule,
  emptyClusterRule,
  deleteBudgetRule,
  profileRule,
  missingAddressesRule,
  tooManyAddressesRule,
  contestedAddressesRule,
  refusedAddressesRule,
  unconfirmedAddressesRule,
  foreignAddressesRule,
  autoCreationRule,
  precedenceRule,
  skippedObjectsRule,
  missingTypesRule,
  forgeableLabelsRule,
  poisonObjectRule,
  essentialFlowsRule,
  providerRule,
  looseningRule,
  orphansRule,
  observeStageRule,
];

export function guardPlan(whole: GuardRequest): GuardedPlan {
  const request = isRolledOut(whole) ? withoutHalt(whole) : whole;
  const verdicts = RULES.map((rule) => rule(request));
  const judged = request.plan.actions.map((action) => ({
    action,
    violation: firstViolation(action, verdicts),
  }));
  const withheld = judged.flatMap(({ action, violation }) =>
    violation === undefined ? [] : [{ action, violation }],
  );
  const findings = verdicts.flatMap((it) => it.findings);
  const allowed = judged.flatMap((it) => (it.violation === undefined ? [letThrough(it.action)] : []));
  const denied = verdicts.flatMap((it) => it.denied ?? []);
  return { allowed: allowed.sort(allowingFirst), withheld, findings, denied };
}

/** True when what the guard lets through goes out step by step: the rollout decides about its own marks then. */
export function isRolledOut({ safety, snapshot }: Pick<GuardRequest, "safety" | "snapshot">): boolean {
  return safety.stage === "canary" && snapshot.cluster.paused === undefined;
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
