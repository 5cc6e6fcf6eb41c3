import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import {
  booleanField,
  newDecoder,
  numberField,
  recordsField,
  stringField,
  stringsField,
} from "../objects/decode-fields.ts";
import { beyondBounds, tooLong } from "../rules/bounds.ts";
import { decodeRule, type Rule } from "../rules/decode-rule.ts";
import { objectionsToRule } from "../rules/filter-rule.ts";
import {
  NAMESPACE_LABEL,
  NAMESPACE_PREFIX,
  SERVICE_ACCOUNT_LABEL,
  SERVICE_ACCOUNT_PREFIX,
  prefixSelector,
} from "../rules/rule-end-selector.ts";
import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import { NEWEST_RULES, type VersionRules } from "../version/version-rules.ts";

/** A Calico policy as stored, typed but not judged. */
export type DecodedPolicy = {
  readonly tier: string;
  readonly order: number | undefined;
  readonly selector: string;
  readonly types: readonly string[];
  readonly doNotTrack: boolean;
  readonly preDNAT: boolean;
  readonly applyOnForward: boolean;
  readonly performanceHints: readonly string[];
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
  /** Not empty: no Calico component can decode the object, and updates of its kind freeze (docs/calico.md 0 item 11). */
  readonly problems: readonly string[];
  /** The first field that is beyond the bounds of looking, with how far. */
  readonly undecidable: string | undefined;
};

/** Decodes (Staged)GlobalNetworkPolicy and (Staged)NetworkPolicy. `namespace` is empty for the global kinds. */
export function decodePolicy(object: KubernetesObject, namespace: string): DecodedPolicy {
  const decoder = newDecoder();
  const spec = object.spec ?? {};
  const rules = (key: string): readonly Rule[] =>
    recordsField(decoder, spec, key, "spec").map((raw, index) =>
      decodeRule(decoder, raw, `spec.${key}[${index}]`),
    );
  const selectors = {
    selector: stringField(decoder, spec, "selector", "spec"),
    namespaceSelector: namespace === "" ? stringField(decoder, spec, "namespaceSelector", "spec") : "",
    serviceAccountSelector: stringField(decoder, spec, "serviceAccountSelector", "spec"),
  };
  const [ingress, egress] = [rules("ingress"), rules("egress")];
  const undecidable = undecidableField(selectors, { ingress, egress });
  return {
    tier: stringField(decoder, spec, "tier", "spec") || "default",
    order: numberField(decoder, spec, "order", "spec"),
    selector: undecidable?.isSelector === true ? "" : effectiveSelector(selectors, namespace),
    types: stringsField(decoder, spec, "types", "spec"),
    doNotTrack: booleanField(decoder, spec, "doNotTrack", "spec"),
    preDNAT: booleanField(decoder, spec, "preDNAT", "spec"),
    applyOnForward: booleanField(decoder, spec, "applyOnForward", "spec"),
    performanceHints: stringsField(decoder, spec, "performanceHints", "spec"),
    ingress,
    egress,
    problems: decoder.problems,
    undecidable: undecidable?.text,
  };
}

/** Felix's own last check of a policy: the fields it objects to; one objection and the policy is treated as deleted (docs/calico.md 17.2). */
export function objectionsToPolicy(
  policy: DecodedPolicy,
  rules: Pick<VersionRules, "namedPortWithoutProtocol"> = NEWEST_RULES,
): string[] {
  const selector = parseSelector(policy.selector, Number.POSITIVE_INFINITY);
  return [
    ...(isSelectorError(selector) ? ["Selector"] : []),
    ...objectionsToHints(policy.performanceHints),
    ...[...policy.ingress, ...policy.egress].flatMap((rule) => objectionsToRule(rule, rules)),
  ];
}

function objectionsToHints(hints: readonly string[]): string[] {
  if (new Set(hints).size < hints.length) return ["PerformanceHints"];
  return hints.flatMap((hint, index) =>
    hint === "AssumeNeededOnEveryNode" ? [] : [`PerformanceHints[${index}]`],
  );
}

type PolicySelectors = {
  readonly selector: string;
  readonly namespaceSelector: string;
  readonly serviceAccountSelector: string;
};

/** What is beyond the bounds: the policy's own selectors before those of its rules. */
function undecidableField(
  selectors: PolicySelectors,
  rules: Readonly<Record<"ingress" | "egress", readonly Rule[]>>,
): { readonly text: string; readonly isSelector: boolean } | undefined {
  for (const [field, text] of Object.entries(selectors)) {
    const problem = tooLong(text);
    if (problem !== undefined) return { text: `spec.${field}: ${problem}`, isSelector: true };
  }
  for (const direction of ["ingress", "egress"] as const)
    for (const [index, rule] of rules[direction].entries()) {
      const problem = beyondBounds(rule);
      if (problem !== undefined) return { text: `spec.${direction}[${index}].${problem}`, isSelector: false };
    }
  return undefined;
}

/**
 * The selector that decides which endpoints a policy selects. Felix glues texts together: the namespace and service
 * account selectors, with prefixed label names, follow `selector`; then `all()` is replaced in the whole text. One that
 * does not parse is dropped, and the policy applies more widely.
 * Source: docs/calico.md 4; 0 item 2.
 */
export function effectiveSelector(selectors: PolicySelectors, namespace: string): string {
  let text = selectors.selector;
  if (selectors.namespaceSelector !== "") {
    text = append(text, prefixSelector(selectors.namespaceSelector, NAMESPACE_PREFIX));
    text = text.replaceAll("all()", `has(${NAMESPACE_LABEL})`);
  }
  if (selectors.serviceAccountSelector !== "") {
    text = append(text, prefixSelector(selectors.serviceAccountSelector, SERVICE_ACCOUNT_PREFIX));
    text = text.replaceAll("all()", `has(${SERVICE_ACCOUNT_LABEL})`);
  }
  return namespace === "" ? text : append(text, `${NAMESPACE_LABEL} == '${namespace}'`);
}

function append(text: string, next: string): string {
  if (next === "") return text;
  return text === "" ? next : `(${text}) && ${next}`;
}
