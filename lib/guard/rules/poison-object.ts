import type { Finding } from "../../model/finding.ts";
import type { Action } from "../../model/plan.ts";
import { findPoison, type Poison, type PoisonEffect } from "../../policy/find-poison.ts";
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
  const [first] = poison.filter(({ effect }) => effect !== "drops-object" && effect !== "undecidable");
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
    ...kindOf(poison.effect),
    object: poison.object,
    message: `${poison.field}: ${poison.message}`,
    fix: poison.fix,
  };
}

function kindOf(effect: PoisonEffect): Pick<Finding, "severity" | "code"> {
  switch (effect) {
    case "drops-object":
      return { severity: "warning", code: "dropped-by-felix" };
    case "undecidable":
      return { severity: "warning", code: "undecidable-object" };
    case "freeze":
    case "crash-loop":
      return { severity: "error", code: "poison-object" };
  }
}
