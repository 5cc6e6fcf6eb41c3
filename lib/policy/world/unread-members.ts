import { NAMESPACE_LABEL } from "../rules/rule-end-selector.ts";
import { couldSelect, type LabelKnowledge } from "../selector/possible-match.ts";
import { MEMBER_KINDS, type CompiledPolicies, type World } from "./world.ts";

/** Kinds whose objects live in a namespace, and always have its label. */
const NAMESPACED: ReadonlySet<string> = new Set(["Pod", "Namespace", "ServiceAccount", "NetworkSet"]);

/**
 * Which sets could have members among objects that were not read. Asked once per set.
 * Source: docs/calico.md 3 (labels that pods and network sets always have) and 7.
 */
export function unreadMembers(policies: CompiledPolicies): World["mayHaveUnread"] {
  const unread = MEMBER_KINDS.filter((kind) => policies.unread.has(kind));
  if (unread.length === 0) return () => false;
  const onlyNamespaced = unread.every((kind) => NAMESPACED.has(kind));
  const knowledge = (label: string): LabelKnowledge =>
    onlyNamespaced && label === NAMESPACE_LABEL ? "present" : "unknown";
  const known = new Map<number, boolean>();
  return (set) => {
    const definition = policies.sets.definitions[set];
    const answer =
      known.get(set) ?? (definition === undefined || couldSelect(definition.selector.expression, knowledge));
    known.set(set, answer);
    return answer;
  };
}
