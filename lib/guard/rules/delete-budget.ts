import { isOwned } from "../../plan/ownership.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * At most `limits.deletes` deletions in a run, and at most `limits.deleteShare` of our endpoints (but always one, or a
 * small cluster would never be cleaned up). The rest waits for the next run.
 */
export const deleteBudgetRule: Rule = ({ plan, snapshot, safety }) => {
  const deletes = plan.actions.filter((it) => it.kind === "delete").map((it) => it.name);
  const owned = snapshot.hostEndpoints.filter((it) => isOwned(it, safety.id)).length;
  const share = snapshot.complete
    ? Math.max(1, Math.floor(owned * safety.limits.deleteShare))
    : safety.limits.deletes;
  const budget = Math.min(safety.limits.deletes, share);
  if (deletes.length <= budget) return { judge: nothingAgainst, findings: [] };
  const beyond = new Set(deletes.slice(budget));
  const fix = `check that ${deletes.length} nodes are meant to be gone; later runs remove ${budget} each, or raise limits.deletes and limits.deleteShare`;
  return {
    judge: (action) =>
      beyond.has(action.name) && action.kind === "delete"
        ? {
            reason: "delete-budget",
            detail: `${deletes.length} of ${owned} endpoints would be deleted at once; the budget of a run is ${budget}`,
            fix,
          }
        : undefined,
    findings: [
      {
        severity: "error",
        code: "delete-budget",
        object: "Cluster/hostendpoints",
        message: `${deletes.length} of ${owned} endpoints have lost their node; this run deletes ${budget} and ${deletes.length - budget} wait`,
        fix,
      },
    ],
  };
};
