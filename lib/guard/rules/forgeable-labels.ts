import type { Finding } from "../../model/finding.ts";
import type { StringMap } from "../../model/kubernetes-object.ts";
import { collectLabelNames } from "../../policy/selector/compile-expression.ts";
import { isSelectorError, parseSelector, type Selector } from "../../policy/selector/parse-selector.ts";
import { isOwned } from "../../plan/ownership.ts";
import { nothingAgainst, type GuardRequest, type Rule } from "../rule.ts";

/**
 * A node may set most labels on itself. One that carries a label which a policy asks for, and which the settings do not
 * copy, tries to choose its policies or expects a label that it does not get: either way a person should know
 * (docs/needs.md row 20, scenario 16).
 */
export const forgeableLabelsRule: Rule = (request) => ({
  judge: nothingAgainst,
  findings: findingsFor(request),
});

function findingsFor({ snapshot, plan, safety: { id } }: GuardRequest): readonly Finding[] {
  const labels = new Map<string, StringMap>();
  for (const it of snapshot.hostEndpoints) if (isOwned(it, id)) labels.set(it.node, it.labels);
  for (const it of plan.actions) if (it.kind !== "delete") labels.set(it.node, it.desired.labels);
  const left = snapshot.nodes.flatMap((node) => {
    const own = labels.get(node.name);
    if (own === undefined) return [];
    const missing = new Set(Object.keys(node.labels).filter((key) => own[key] !== node.labels[key]));
    return missing.size === 0 ? [] : [{ node, own, missing }];
  });
  if (left.length === 0) return [];
  return snapshot.policyObjects.globalNetworkPolicies.flatMap((policy) => {
    const selector = selectorOf(policy.spec?.["selector"]);
    if (selector === undefined) return [];
    const names = new Set<string>();
    collectLabelNames(selector.expression, names);
    return left.flatMap(({ node, own, missing }): readonly Finding[] => {
      const asked = [...names].filter((it) => missing.has(it)).sort();
      if (asked.length === 0) return [];
      const withThem = { ...own, ...Object.fromEntries(asked.map((it) => [it, node.labels[it] ?? ""])) };
      if (selector.matches(mapOf(withThem)) === selector.matches(mapOf(own))) return [];
      return [
        {
          severity: "warning",
          code: "label-not-copied",
          object: `Node/${node.name}`,
          message: `it carries ${asked.map((it) => `${it}=${node.labels[it] ?? ""}`).join(", ")}, by which GlobalNetworkPolicy/${policy.metadata.name} takes hold; the settings do not copy it, so the HostEndpoint does not have it`,
          fix: "find out who set the label; if nodes are meant to have it, copy it (`labels.include`) or set it for their group (`labels.set`)",
        },
      ];
    });
  });
}

function selectorOf(text: unknown): Selector | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  const parsed = parseSelector(text);
  return isSelectorError(parsed) ? undefined : parsed;
}

function mapOf(labels: StringMap): ReadonlyMap<string, string> {
  return new Map(Object.entries(labels));
}
