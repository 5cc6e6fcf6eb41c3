/**
 * Decides what of a proven plan goes out in this run.
 *
 * In: what the guard let through, and what it was asked. Out: the same, less what waits for its canary, and with what gives a
 * sick canary its traffic back. In every stage but `canary` nothing changes here.
 * Must never happen: an action of the plan that the guard has not let through.
 */
import { allowingFirst } from "../guard/allowing-first.ts";
import { isRolledOut } from "../guard/guard-plan.ts";
import type { GuardRequest } from "../guard/rule.ts";
import type { GuardedPlan } from "../model/guarded-plan.ts";
import { planRollout } from "./plan-rollout.ts";

export function rollOut(guarded: GuardedPlan, request: GuardRequest): GuardedPlan {
  if (!isRolledOut(request)) return guarded;
  const rollout = planRollout(request, guarded.allowed);
  return {
    ...guarded,
    allowed: [...rollout.allowed].sort(allowingFirst),
    afterwards: rollout.afterwards,
    withheld: [...guarded.withheld, ...rollout.withheld],
    findings: [...guarded.findings, ...rollout.findings],
  };
}
