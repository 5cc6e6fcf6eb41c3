import type { Finding } from "../../model/finding.ts";
import type { Action } from "../../model/plan.ts";
import { findPoison, type Poison } from "../../policy/find-poison.ts";
import { isLoosening } from "../loosening.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * While an object that Felix cannot digest is there, what is proven here is not what Felix does: updates freeze, or Felix
 * restarts in a loop (docs/calico.md 0, item 11). New endpoints and anything that may tighten wait; what gives traffic
 * back goes on.
 */
export const poisonObjectRule: Rule = ({ snapshot }) => {
  const poison = findPoison([
    ...Object.values(snapshot.policyObjects).flat(),
    ...snapshot.hostEndpoints.map((it) => it.raw),
  ]);
  const [first] = poison.filter((it) => it.effect !== "drops-object");
  return {
    judge:
      first === undefined
        ? nothingAgainst
        : (action) =>
            givesBack(action)
              ? undefined
              : {
                  reason: "poison-object",
                  detail: `${first.object}, ${first.field}: ${first.message}`,
                  fix: first.fix,
                },
    findings: poison.map(poisonFinding),
  };
};

function givesBack(action: Action): boolean {
  return action.kind === "delete" || (action.kind === "update" && isLoosening(action));
}

/** An object that Felix drops or chokes on, with the field, the effect and the fix. */
export function poisonFinding(poison: Poison): Finding {
  return {
    severity: poison.effect === "drops-object" ? "warning" : "error",
    code: poison.effect === "drops-object" ? "dropped-by-felix" : "poison-object",
    object: poison.object,
    message: `${poison.field}: ${poison.message}`,
    fix: poison.fix,
  };
}
