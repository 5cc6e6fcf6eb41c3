import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Action } from "../model/plan.ts";
import type { ReportedAction } from "../model/report.ts";
import type { ChangeReason } from "../model/words/outcome-reasons.ts";
import { creationOf } from "../plan/drift.ts";

/** What became of an action that the guard let through. */
export function reportOutcome(outcome: ActionOutcome): ReportedAction {
  const action = outcome.action;
  const base = { ...subject(action), outcome: outcome.outcome };
  switch (outcome.outcome) {
    case "applied":
    case "planned":
      return { ...base, reason: reasonFor(action), detail: "" };
    case "no-longer-needed":
      return { ...base, reason: "changed-meanwhile", detail: outcome.detail };
    case "failed":
      return { ...base, reason: outcome.cause, detail: outcome.detail };
  }
}

/** An action that the guard held back, with its reason and the fix. */
export function reportWithheld({ action, violation }: GuardedPlan["withheld"][number]): ReportedAction {
  return {
    ...subject(action),
    outcome: "withheld",
    reason: violation.reason,
    detail: `${violation.detail}. Fix: ${violation.fix}`,
  };
}

function subject(action: Action) {
  const changes =
    action.kind === "create" ? creationOf(action.desired) : action.kind === "update" ? action.changes : [];
  return { action: action.kind, hostEndpoint: action.name, node: action.node, changes };
}

function reasonFor(action: Action): ChangeReason {
  switch (action.kind) {
    case "create":
      return "missing";
    case "update":
      return "drift";
    case "delete":
      return action.reason;
  }
}
