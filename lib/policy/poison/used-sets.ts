import { CALICO_V1, CALICO_V3 } from "../../model/calico-group.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { readMetadata } from "../objects/read-metadata.ts";
import { NAMESPACE_LABEL, NAMESPACE_PREFIX, combineRuleSelectors } from "../rules/rule-end-selector.ts";
import { isSelectorError, parseSelector, type Selector } from "../selector/parse-selector.ts";
import { couldSelect, type LabelKnowledge } from "../selector/possible-match.ts";
import { decodePolicy } from "../world/decode-policy.ts";

/** Tells whether a rule may ask for the members of a network set. */
export type UsedSets = (set: KubernetesObject) => boolean;

/**
 * Felix programs the sets of selectors in rules, and nothing else. What a NetworkSet inherits from its namespace is not read
 * here, so a selector over it counts as using the set.
 * Source: docs/calico.md 3 and 7.
 */
export function usedSets(objects: readonly KubernetesObject[]): UsedSets {
  let selectors: readonly Selector[] | undefined;
  return (set) => {
    const metadata = readMetadata(set);
    if (metadata === undefined) return false;
    selectors ??= objects.filter(isPolicy).flatMap(selectorsOf);
    const { namespace } = set.metadata;
    const labels = new Map(metadata.labels);
    if (namespace !== undefined && set.kind === "NetworkSet") labels.set(NAMESPACE_LABEL, namespace);
    if (set.kind === "GlobalNetworkSet") return selectors.some((it) => it.matches(labels));
    const knowledge = (label: string): LabelKnowledge =>
      labels.has(label) ? "present" : label.startsWith(NAMESPACE_PREFIX) ? "unknown" : "absent";
    return selectors.some((it) => couldSelect(it.expression, knowledge));
  };
}

function isPolicy({ kind, apiVersion }: KubernetesObject): boolean {
  const isCalico = apiVersion === CALICO_V1 || apiVersion === CALICO_V3;
  return isCalico && (kind === "GlobalNetworkPolicy" || kind === "NetworkPolicy");
}

/** The positive selector of each end, and the negative one: both become sets. */
function selectorsOf(object: KubernetesObject): readonly Selector[] {
  const namespace = object.kind === "NetworkPolicy" ? (object.metadata.namespace ?? "default") : "";
  const { ingress, egress } = decodePolicy(object, namespace);
  return [...ingress, ...egress].flatMap(({ source, destination }) =>
    [source, destination].flatMap((end) =>
      [combineRuleSelectors(end, namespace), end.notSelector].flatMap((text) => {
        const parsed = text === "" ? undefined : parseSelector(text);
        return parsed === undefined || isSelectorError(parsed) ? [] : [parsed];
      }),
    ),
  );
}
