import type { CompiledRule } from "./rules/compile-rule.ts";
import type { Policy, PolicyClass } from "./world/policy.ts";
import type { World } from "./world/world.ts";

/** What a policy takes hold of, for plans: «log-only starts to apply to 37 nodes, no allow for egress». */
export type Selection = {
  readonly policy: string;
  readonly tier: string;
  readonly class: PolicyClass;
  readonly applyOnForward: boolean;
  readonly staged: boolean;
  /** Stored names, sorted. */
  readonly hostEndpoints: readonly string[];
  /** Nodes of those endpoints, sorted, each once. */
  readonly nodes: readonly string[];
  readonly governs: { readonly ingress: boolean; readonly egress: boolean };
  /** A direction that the policy governs without a single rule that could allow or pass anything. */
  readonly allowsNothing: { readonly ingress: boolean; readonly egress: boolean };
};

/** The same for every policy that selects at least one HostEndpoint, in Felix's order. */
export function allSelections(world: World): readonly Selection[] {
  return world.policies.tiers
    .flatMap((tier) => tier.policies.map((policy) => selectionOfPolicy(world, policy)))
    .filter((selection) => selection.hostEndpoints.length > 0);
}

function selectionOfPolicy(world: World, policy: Policy): Selection {
  const selected = [...world.endpoints.values()].filter((endpoint) =>
    policy.selector.matches(endpoint.labels),
  );
  return {
    policy: policy.name,
    tier: policy.tier,
    class: policy.class,
    applyOnForward: policy.applyOnForward,
    staged: policy.staged,
    hostEndpoints: selected.map((endpoint) => endpoint.storedName).sort(),
    nodes: [...new Set(selected.map((endpoint) => endpoint.node))].sort(),
    governs: { ingress: policy.governsIngress, egress: policy.governsEgress },
    allowsNothing: {
      ingress: policy.governsIngress && !policy.ingress.some(letsThrough),
      egress: policy.governsEgress && !policy.egress.some(letsThrough),
    },
  };
}

function letsThrough(rule: CompiledRule): boolean {
  return rule.action === "allow" || rule.action === "pass";
}
