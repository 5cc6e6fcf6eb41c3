import type { Finding } from "../../model/finding.ts";
import { allSelections, type Selection } from "../../policy/selection-of.ts";
import type { World } from "../../policy/world/world.ts";

/**
 * Policies that take hold of nodes which they did not select before: the most common way to be locked out by endpoints
 * is a policy that was there all the time (user-needs row 2, cal#4673).
 */
export function startingPolicies(before: World, after: World): readonly Finding[] {
  if (before === after) return [];
  const known = new Map(allSelections(before).map((it) => [keyOf(it), new Set(it.nodes)]));
  const selectors = new Map(
    after.policies.tiers.flatMap((tier) =>
      tier.policies.map((it): readonly [string, string] => [`${it.tier} ${it.name}`, it.selector.text || "all()"]),
    ),
  );
  return allSelections(after).flatMap((selection): readonly Finding[] => {
    const started = selection.nodes.filter((it) => known.get(keyOf(selection))?.has(it) !== true);
    if (started.length === 0 || selection.staged) return [];
    const directions = (["ingress", "egress"] as const).filter((it) => selection.governs[it]);
    const closed = directions.filter((it) => selection.allowsNothing[it]);
    return [
      {
        severity: closed.length === 0 ? "info" : "warning",
        code: "policy-starts-to-apply",
        object: `GlobalNetworkPolicy/${selection.policy}`,
        message:
          `selector ${selectors.get(keyOf(selection)) ?? ""} will start to apply to ${started.length} ${started.length === 1 ? "node" : "nodes"}, ` +
          `${directions.join(" and ")}${closed.length === 0 ? "" : `, and has no allow rule for ${closed.join(" and ")}`}`,
        fix:
          closed.length === 0
            ? "check that it is meant for nodes; narrow its selector if not"
            : "narrow its selector to what it is meant for (pods have the label projectcalico.org/orchestrator), or add allow rules",
      },
    ];
  });
}

function keyOf(selection: Pick<Selection, "tier" | "policy">): string {
  return `${selection.tier} ${selection.policy}`;
}
