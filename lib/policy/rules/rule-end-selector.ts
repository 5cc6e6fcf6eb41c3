import { isSelectorError, parseSelector } from "../selector/parse-selector.ts";
import { printExpression } from "../selector/print-expression.ts";
import type { RuleEnd } from "./decode-rule.ts";

export const NAMESPACE_LABEL = "projectcalico.org/namespace";
export const SERVICE_ACCOUNT_LABEL = "projectcalico.org/serviceaccount";
export const NAMESPACE_PREFIX = "pcns.";
export const SERVICE_ACCOUNT_PREFIX = "pcsa.";

/**
 * The one selector that `selector`, `namespaceSelector` and `serviceAccounts` of a rule's end amount to; empty when the
 * end selects nothing in particular. Felix glues texts together, so we do too: `all()` and `global()` are replaced in the
 * text of the namespace selector, even inside its strings.
 * Source: docs/calico.md 6 ("Rule-level selector assembly").
 */
export function combineRuleSelectors(end: RuleEnd, namespace: string): string {
  const accounts = serviceAccountSelector(end);
  const inside = [accounts, end.selector].filter((text) => text !== "");
  const selector = inside.length > 1 ? inside.map((text) => `(${text})`).join(" && ") : (inside[0] ?? "");
  const namespaces = namespaceSelector(end, namespace, selector !== "");
  if (namespaces === "") return selector;
  return selector === "" ? namespaces : `(${namespaces}) && (${selector})`;
}

/** Names that no selector can hold (a quote among them) take the selector beside them along: the end is then open to every account. */
function serviceAccountSelector({ serviceAccounts }: RuleEnd): string {
  if (serviceAccounts === undefined) return "";
  const { names } = serviceAccounts;
  const selector =
    serviceAccounts.selector === "" ? "" : prefixSelector(serviceAccounts.selector, SERVICE_ACCOUNT_PREFIX);
  if (names.length === 0) return selector;
  const named = prefixSelector(`${SERVICE_ACCOUNT_LABEL} in { '${names.join("', '")}' }`, "");
  return named === "" || selector === "" ? named : `(${selector}) && (${named})`;
}

function namespaceSelector(end: RuleEnd, namespace: string, selectsSomething: boolean): string {
  if (end.namespaceSelector !== "") {
    return prefixSelector(end.namespaceSelector, NAMESPACE_PREFIX)
      .replaceAll("all()", `has(${NAMESPACE_LABEL})`)
      .replaceAll("global()", `!has(${NAMESPACE_LABEL})`);
  }
  // A rule of a namespaced policy means its own namespace unless it says otherwise.
  return namespace !== "" && selectsSomething ? `${NAMESPACE_LABEL} == '${namespace}'` : "";
}

/** Canonical text with `prefix` before every label; empty (no restriction) when it does not parse. */
export function prefixSelector(text: string, prefix: string): string {
  const parsed = parseSelector(text);
  return isSelectorError(parsed) ? "" : printExpression(parsed.expression, prefix);
}
