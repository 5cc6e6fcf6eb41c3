import type { Finding } from "../../model/finding.ts";
import type { Violation } from "../../model/guarded-plan.ts";
import type { Action } from "../../model/plan.ts";
import {
  countDeletions,
  DELETION_MINUTES,
  type CountedClass,
  type CountedDeletions,
} from "../deletions/count-deletions.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * Deletions are confirmed, not rationed: what is over the budget of ten minutes stops and waits for a person. Ordinary scale-in,
 * where the API server and EC2 agree that the machine is gone, has a bound that only a catastrophe reaches; an endpoint whose
 * node lives goes with nobody's leave but a person's.
 */
export const deleteBudgetRule: Rule = (request) => {
  const counted = countDeletions(request);
  const over = counted.classes.filter((it) => it.may < it.deletes.length);
  if (over.length === 0) return { judge: nothingAgainst, findings: [] };
  const violations = new Map<Action, Violation>(
    over.flatMap((it) =>
      it.deletes.slice(it.may).map((action) => [action, violationOf(it, counted)] as const),
    ),
  );
  return {
    judge: (action) => violations.get(action),
    findings: over.map((it): Finding => {
      const { fix } = violationOf(it, counted);
      return {
        severity: "error",
        code: reasonOf(it),
        object: "Cluster/hostendpoints",
        message: `${sentenceOf(it, counted)}; this run deletes ${it.may}, and ${it.deletes.length - it.may} wait for a person`,
        fix,
      };
    }),
  };
};

function reasonOf({ class: word }: CountedClass): "delete-unconfirmed" | "delete-budget" {
  return word === "unwanted" ? "delete-unconfirmed" : "delete-budget";
}

function violationOf(counted: CountedClass, all: CountedDeletions): Violation {
  const isUnwanted = counted.class === "unwanted";
  const before = counted.isStopped
    ? "; earlier deletions had to stop and still wait"
    : ` (budget of ${DELETION_MINUTES} minutes: ${counted.budget}, used: ${counted.recent})`;
  return {
    reason: reasonOf(counted),
    detail: `${sentenceOf(counted, all)}${before}`,
    fix: isUnwanted
      ? 'check `endpoints` in the settings: is this file the right one, is a selector misspelt? When it is meant, "hepctl confirm-deletes --until 1h" with the same settings lets these go'
      : 'find out why these nodes are gone; when they are meant to be, "hepctl confirm-deletes --until 1h" with the same settings lets these go, in the next run',
  };
}

/** Says what is known, and no more. */
function sentenceOf({ class: word, pending }: CountedClass, { owned }: CountedDeletions): string {
  const many = `${pending} of ${owned} endpoints`;
  switch (word) {
    case "proven":
      return `${many} are for nodes that the API server does not have and whose instances are gone, as EC2 says`;
    case "unproven":
      return `${many} are for nodes that the API server does not have, and nobody else says that their machines are gone`;
    case "unwanted":
      return `${many} are for nodes that live, and no entry of \`endpoints\` wants them any more`;
  }
}
