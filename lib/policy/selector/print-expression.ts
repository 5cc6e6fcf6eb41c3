import type { Expression } from "./expression.ts";
import { isLeaf, type Leaf } from "./walk-expression.ts";

/**
 * Calico's canonical text of a selector, with `prefix` put before every label name. Work and text are linear in the tree,
 * however deep it is.
 * Felix composes namespace and service account selectors from this text (docs/calico.md 4 and 6).
 */
export function printExpression(expression: Expression, prefix = ""): string {
  const pieces: string[] = [];
  // What is still to be printed, the next one last.
  const left: (Expression | string)[] = [expression];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === "string") pieces.push(next);
    else if (isLeaf(next)) pieces.push(printLeaf(next, prefix));
    else if (next.kind === "!") left.push(next.operand, "!");
    else {
      left.push(")");
      for (let index = next.operands.length - 1; index >= 0; index--) {
        const operand = next.operands[index];
        if (operand !== undefined) left.push(operand);
        if (index > 0) left.push(` ${next.kind} `);
      }
      left.push("(");
    }
  }
  return pieces.join("");
}

function printLeaf(leaf: Leaf, prefix: string): string {
  switch (leaf.kind) {
    case "all":
    case "global":
      return `${leaf.kind}()`;
    case "has":
      return `has(${prefix}${leaf.label})`;
    case "in":
    case "not in": {
      // Calico keeps the members as a sorted set.
      const members = [...new Set(leaf.values)].sort().map(quote).join(", ");
      return `${prefix}${leaf.label} ${leaf.kind} {${members}}`;
    }
    default:
      return `${prefix}${leaf.label} ${leaf.kind} ${quote(leaf.value)}`;
  }
}

/** Strings have no escapes: one that holds a double quote is put in single quotes. */
function quote(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
