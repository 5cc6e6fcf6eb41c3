import type { CompiledRule } from "../rules/compile-rule.ts";
import type { Labels } from "../selector/parse-selector.ts";
import type { Policy } from "./policy.ts";
import type { Direction, NumberedRule, TierPolicies } from "./tier-policies.ts";
import type { DirectionTiers, HookTiers, Tier } from "./world.ts";

type Hook = keyof HookTiers;

/** The policies of a tier that select something, with their places in the tier. */
export type SelectedTier = {
  readonly tier: Tier;
  readonly policies: readonly Policy[];
  readonly numbers: readonly number[];
};

/**
 * Which policies select an endpoint with these labels. Staged policies are left out: they are ordered and shown, and
 * count for nothing. Source: docs/calico.md 4.
 */
export function selectPolicies(tiers: readonly Tier[], labels: Labels): readonly SelectedTier[] {
  return tiers.map((tier) => {
    const numbers: number[] = [];
    const policies = tier.policies.filter((policy, number) => {
      const selected = !policy.staged && policy.selector.matches(labels);
      if (selected) numbers.push(number);
      return selected;
    });
    return { tier, policies, numbers };
  });
}

/** Arranges selected policies into the four lists that Felix renders. Source: docs/calico.md 5.4, 21 (`tiersFor`, `endAction`). */
export function arrangePolicies(selected: readonly SelectedTier[]): HookTiers {
  const arrange = (hook: Hook, direction: Direction): readonly TierPolicies[] =>
    selected.flatMap(({ tier, policies }) => {
      const asked = policies.filter((policy) => takesPart(policy, hook, direction));
      if (asked.length === 0) return [];
      const entries = asked.map((policy) => ({ policy, rules: numberRules(policy[direction]) }));
      const inDoubt = asked.every((policy) => policy.undecidable !== undefined);
      return [{ tier: tier.name, endAction: endActionOf(tier, hook), inDoubt, policies: entries }];
    });
  const both = (hook: Hook): DirectionTiers => ({
    ingress: arrange(hook, "ingress"),
    egress: arrange(hook, "egress"),
  });
  return {
    untracked: both("untracked"),
    preDNAT: both("preDNAT"),
    forward: both("forward"),
    normal: both("normal"),
  };
}

/** Rules with their places; staying together makes it cheap to leave some out. */
export function numberRules(rules: readonly CompiledRule[]): readonly NumberedRule[] {
  return rules.map((rule, index) => ({ rule, index }));
}

/** True when the policy is asked in that hook and direction. */
export function takesPart(policy: Policy, hook: Hook, direction: Direction): boolean {
  if (!(direction === "ingress" ? policy.governsIngress : policy.governsEgress)) return false;
  switch (hook) {
    case "untracked":
      return policy.class === "untracked";
    case "preDNAT":
      return policy.class === "preDNAT" && direction === "ingress";
    case "forward":
      return policy.class === "normal" && policy.applyOnForward;
    case "normal":
      return policy.class === "normal";
  }
}

/** Untracked and preDNAT tiers always pass on; only normal and forward ones can end in a deny. */
function endActionOf(tier: Tier, hook: Hook): "deny" | "pass" {
  switch (hook) {
    case "untracked":
    case "preDNAT":
      return "pass";
    case "forward":
    case "normal":
      return tier.defaultAction;
  }
}
