import { ascending } from "../../model/ascending.ts";
import type { Finding } from "../../model/finding.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { arrayAt } from "../../model/read-json.ts";
import { policyKey, type Policy } from "../../policy/world/policy.ts";
import { worldOf } from "../../world/world-of.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * A policy that is stored without `types` governs both directions, whatever its rules are about: the one that has no rules is
 * closed by it. People write such policies with kubectl, and expect what calicoctl would have made of them.
 * Told of policies that take hold of an endpoint, now or after the plan. Source: docs/calico.md 1.5.
 */
export const missingTypesRule: Rule = ({ plan, snapshot }) => {
  const stored = new Map(
    snapshot.policyObjects.globalNetworkPolicies
      .filter((it) => arrayAt(it.spec, "types").length === 0)
      .map((it) => [it.metadata.name, it]),
  );
  if (stored.size === 0) return { judge: nothingAgainst, findings: [] };
  const world = worldOf(snapshot);
  const labels = [
    ...[...world.endpoints.values()].map((it) => it.labels),
    ...plan.actions.flatMap((it) =>
      it.kind === "delete" ? [] : [new Map(Object.entries(it.desired.labels))],
    ),
  ];
  const isFelt = (policy: Policy) => labels.some((it) => policy.selector.matches(it));
  return {
    judge: nothingAgainst,
    findings: world.policies.tiers
      .flatMap((it) => it.policies)
      .flatMap((policy) => {
        const object = policy.kind === "GlobalNetworkPolicy" ? stored.get(policy.name) : undefined;
        return object !== undefined && isFelt(policy) ? closedByAccident(policy, object) : [];
      })
      .sort(ascending((it) => it.object)),
  };
};

function closedByAccident(policy: Policy, { spec }: KubernetesObject): readonly Finding[] {
  const has = (key: "ingress" | "egress") => arrayAt(spec, key).length > 0;
  if (has("ingress") && has("egress")) return [];
  const meant = has("egress") ? "Egress" : "Ingress";
  const rules = has("ingress") || has("egress") ? `only ${meant.toLowerCase()} rules` : "no rules";
  const other = meant === "Ingress" ? "egress" : "ingress";
  return [
    {
      severity: "warning",
      code: "policy-without-types",
      object: policyKey(policy),
      message: `it has no types and ${rules}; stored like this it governs both directions, so ${other} that nothing else allows is denied by it`,
      fix: `add types: [${meant}] to its spec, which calicoctl would have done; or types: [Ingress, Egress] when both are meant`,
    },
  ];
}
