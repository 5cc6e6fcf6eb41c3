import type { Expression } from "./expression.ts";
import { foldExpression, type Junction, type Leaf } from "./walk-expression.ts";

/** What is known of a label of objects that nobody read. */
export type LabelKnowledge = "present" | "absent" | "unknown";
type Possible = "yes" | "no" | "maybe";

/**
 * Could a selector select an object of which only some label names are known? `no` is a proof: `global()` in a rule,
 * for one, never selects anything that has a namespace.
 */
export function couldSelect(expression: Expression, knowledge: (label: string) => LabelKnowledge): boolean {
  return possible(expression, knowledge) !== "no";
}

function possible(expression: Expression, knowledge: (label: string) => LabelKnowledge): Possible {
  return foldExpression(expression, (leaf) => possibleLeaf(leaf, knowledge), joined);
}

function joined(kind: Junction, parts: readonly Possible[]): Possible {
  switch (kind) {
    case "!":
      return negate(parts[0] ?? "maybe");
    case "&&":
      return parts.includes("no") ? "no" : parts.includes("maybe") ? "maybe" : "yes";
    case "||":
      return parts.includes("yes") ? "yes" : parts.includes("maybe") ? "maybe" : "no";
  }
}

function possibleLeaf(leaf: Leaf, knowledge: (label: string) => LabelKnowledge): Possible {
  switch (leaf.kind) {
    case "all":
    case "global":
      return "yes";
    case "has":
      return whenPresent(knowledge(leaf.label), "yes");
    case "==":
    case "contains":
    case "starts with":
    case "ends with":
      return whenPresent(knowledge(leaf.label), "maybe");
    case "in":
      return leaf.values.length === 0 ? "no" : whenPresent(knowledge(leaf.label), "maybe");
    case "!=":
      return negate(whenPresent(knowledge(leaf.label), "maybe"));
    case "not in":
      return leaf.values.length === 0 ? "yes" : negate(whenPresent(knowledge(leaf.label), "maybe"));
  }
}

/** Operators that need the label. */
function whenPresent(known: LabelKnowledge, present: Possible): Possible {
  return known === "present" ? present : known === "absent" ? "no" : "maybe";
}

function negate(value: Possible): Possible {
  return value === "yes" ? "no" : value === "no" ? "yes" : "maybe";
}
