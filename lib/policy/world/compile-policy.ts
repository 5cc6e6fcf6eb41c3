import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { ReadMetadata } from "../objects/read-metadata.ts";
import { compileRule, inDoubt, type CompiledRule } from "../rules/compile-rule.ts";
import type { Rule } from "../rules/decode-rule.ts";
import type { SetTable } from "../rules/set-table.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import { tieBreakerOf, tierOf } from "../version/place-policy.ts";
import type { VersionRules } from "../version/version-rules.ts";
import { decodePolicy, objectionsToPolicy, type DecodedPolicy } from "./decode-policy.ts";
import type { Policy, PolicyClass, PolicyKind } from "./policy.ts";

/** A policy, or the sentence that says why Felix does not have it. */
export type CompiledPolicy = { readonly policy: Policy } | { readonly ignored: string };

/**
 * Decodes, filters and compiles one Calico policy as a version reads it. Source: docs/calico.md 1.5 (no defaulting on read), 5.3,
 * 5.4, 17.2.
 */
export function compilePolicy(
  object: KubernetesObject,
  kind: PolicyKind,
  metadata: ReadMetadata,
  sets: SetTable,
  rules: VersionRules,
): CompiledPolicy {
  if (rules.stagedPolicies === "unknown" && kind.startsWith("Staged"))
    return { ignored: "this version of Calico has no staged policies" };
  const namespace = object.metadata.namespace ?? "";
  const decoded = decodePolicy(object, kind.includes("Global") ? "" : namespace);
  if (decoded.problems.length > 0) {
    return {
      ignored: `Calico cannot decode it, and updates of its kind freeze: ${decoded.problems.join("; ")}`,
    };
  }
  const objections = objectionsToPolicy(decoded, rules);
  const selector = parseSelector(decoded.selector, Number.POSITIVE_INFINITY);
  if (objections.length > 0 || isSelectorError(selector)) {
    return { ignored: `Felix drops it because of ${objections.join(", ")}` };
  }
  const name = metadata.storedName;
  const compile = (rule: Rule): CompiledRule => {
    const compiled = compileRule(rule, namespace, sets);
    // Calico may refuse the text that is not looked at, and the whole policy with it.
    return decoded.undecidable === undefined ? compiled : inDoubt(compiled);
  };
  const placed = {
    name,
    namespace: kind.includes("Global") ? "" : namespace,
    kind,
    tier: decoded.tier,
    apiVersion: object.apiVersion,
  };
  const tier = tierOf(rules, placed);
  return {
    policy: {
      name,
      shownName: tier === "default" && name.startsWith("default.") ? name.slice("default.".length) : name,
      namespace: placed.namespace,
      kind,
      tier,
      tieBreaker: tieBreakerOf(rules, placed),
      order: decoded.order,
      staged: kind.startsWith("Staged"),
      selector,
      undecidable: decoded.undecidable,
      class: classOf(decoded),
      applyOnForward: decoded.applyOnForward,
      governsIngress: governs(decoded, "ingress"),
      governsEgress: governs(decoded, "egress"),
      ingress: decoded.ingress.map(compile),
      egress: decoded.egress.map(compile),
    },
  };
}

/** `doNotTrack` beats `preDNAT`; Felix asks neither for `applyOnForward` (docs/calico.md 5.4, 17.2). */
function classOf(policy: DecodedPolicy): PolicyClass {
  if (policy.doNotTrack) return "untracked";
  return policy.preDNAT ? "preDNAT" : "normal";
}

/** Stored `types` only, in any case: a raw object without them governs both directions (docs/calico.md 1.5, 5.3). */
function governs(policy: DecodedPolicy, direction: "ingress" | "egress"): boolean {
  return policy.types.length === 0 || policy.types.some((type) => type.toLowerCase() === direction);
}
