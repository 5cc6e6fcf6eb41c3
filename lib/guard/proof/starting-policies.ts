import type { Finding } from "../../model/finding.ts";
import type { CompiledRule } from "../../policy/rules/compile-rule.ts";
import { labelSignature } from "../../policy/world/members.ts";
import { policyKey, type Policy } from "../../policy/world/policy.ts";
import type { Tier, World } from "../../policy/world/world.ts";

/**
 * Policies that take hold of nodes which they did not select before: the most common way to be locked out by endpoints
 * is a policy that was there all the time (docs/needs.md row 2, cal#4673).
 */
export function startingPolicies(before: World, after: World): readonly Finding[] {
  if (before === after) return [];
  const [groupsBefore, groupsAfter] = [nodesByLabels(before), nodesByLabels(after)];
  return after.policies.tiers.flatMap((tier) =>
    tier.policies.flatMap((policy): readonly Finding[] => {
      if (policy.staged) return [];
      const known = new Set(selectedNodes(policy, groupsBefore));
      const started = [...new Set(selectedNodes(policy, groupsAfter))].filter((it) => !known.has(it));
      return started.length === 0 ? [] : [startOf(policy, tier.defaultAction, started.length)];
    }),
  );
}

/** Names of the nodes that a policy selects an endpoint of, in one world. */
export function selectedNodesIn(world: World): (policy: Policy) => readonly string[] {
  const groups = nodesByLabels(world);
  return (policy) => selectedNodes(policy, groups);
}

type Group = { readonly labels: ReadonlyMap<string, string>; readonly nodes: readonly string[] };

/** Nodes by what policies can see of the labels of their endpoints: each selector is asked once for each kind. */
function nodesByLabels(world: World): readonly Group[] {
  const names = world.policies.policyLabelNames;
  const groups = Map.groupBy(world.endpoints.values(), (it) => labelSignature(it.labels, names));
  return [...groups.values()].flatMap((it) =>
    it[0] === undefined ? [] : [{ labels: it[0].labels, nodes: it.map(({ node }) => node) }],
  );
}

function selectedNodes(policy: Policy, groups: readonly Group[]): readonly string[] {
  return groups.filter((it) => policy.selector.matches(it.labels)).flatMap((it) => it.nodes);
}

function startOf(policy: Policy, endOfTier: Tier["defaultAction"], count: number): Finding {
  const directions = (["ingress", "egress"] as const).filter((it) =>
    it === "ingress" ? policy.governsIngress : policy.governsEgress,
  );
  // Untracked and preDNAT policies, and those of a tier that passes, leave alone what they do not mention (docs/calico.md 5.4).
  const denies = policy.class === "normal" && endOfTier === "deny";
  const closed = directions.filter((it) => denies && !policy[it].some(letsThrough));
  return {
    severity: closed.length === 0 ? "info" : "warning",
    code: "policy-starts-to-apply",
    object: policyKey(policy),
    message:
      `selector ${policy.selector.text || "all()"} will start to apply to ${count} ${count === 1 ? "node" : "nodes"}, ` +
      `${directions.join(" and ")}${closed.length === 0 ? "" : `, and has no allow rule for ${closed.join(" and ")}`}`,
    fix:
      closed.length === 0
        ? "check that it is meant for nodes; narrow its selector if not"
        : "narrow its selector to what it is meant for (pods have the label projectcalico.org/orchestrator), or add allow rules",
  };
}

function letsThrough(rule: CompiledRule): boolean {
  return rule.action === "allow" || rule.action === "pass";
}
