import { versionsThatMayRun } from "../../policy/version/versions-in.ts";
import type { Finding } from "../../model/finding.ts";
import type { Action } from "../../model/plan.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { findPoison } from "../../policy/poison/find-poison.ts";
import type { Poison } from "../../policy/poison/poison.ts";
import { isLoosening } from "../loosening.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * While an object that Felix cannot digest is there, what is proven here is not what Felix does: updates freeze, or Felix
 * restarts in a loop (docs/calico.md 0, item 11). New endpoints and anything that may tighten wait; what gives traffic
 * back goes on. Where the version is not known, what one of them would crash over counts.
 */
export const poisonObjectRule: Rule = ({ snapshot }) => {
  const poison = poisonIn(snapshot);
  const first = poison.find(isFatal);
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

type PoisonSnapshot = Pick<Snapshot, "policyObjects" | "hostEndpoints" | "calico">;

/** What Felix cannot digest in the cluster, as findings. */
export function poisonFindings(snapshot: PoisonSnapshot): readonly Finding[] {
  return poisonIn(snapshot).map(poisonFinding);
}

function poisonIn({ policyObjects, hostEndpoints, calico }: PoisonSnapshot): readonly Poison[] {
  const objects = Object.values(policyObjects).flat();
  return findPoison([...objects, ...hostEndpoints.map((it) => it.raw)], {
    calico: versionsThatMayRun(calico, objects),
  });
}

/** Whether kube-proxy uses nftables nobody tells us, and mostly it does not: that doubt is told, and holds nothing back. */
function isFatal({ effect, doubt }: Poison): boolean {
  return (effect === "freeze" || effect === "crash-loop") && doubt !== "dataplane";
}

function givesBack(action: Action): boolean {
  return action.kind === "delete" || (action.kind === "update" && isLoosening(action));
}

/** An object that Felix drops or chokes on, with the field, the effect and the fix. */
function poisonFinding(poison: Poison): Finding {
  return {
    ...wordOf(poison),
    object: poison.object,
    message: `${poison.field}: ${poison.message}`,
    fix: poison.fix,
  };
}

function wordOf(poison: Poison) {
  switch (poison.effect) {
    case "freeze":
    case "crash-loop":
      return { severity: isFatal(poison) ? "error" : "warning", code: "poison-object" } as const;
    case "drops-object":
    case "drops-rule":
      return { severity: "warning", code: "dropped-by-felix" } as const;
    case "stalls-controllers":
      return { severity: "warning", code: "policy-migration-stalled" } as const;
    case "undecidable":
      return { severity: "warning", code: "undecidable-object" } as const;
  }
}
