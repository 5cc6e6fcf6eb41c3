import type { Expression } from "./expression.ts";

/**
 * Calico's canonical text of a selector, with `prefix` put before every label name.
 * Felix composes namespace and service account selectors from this text (docs/calico.md 4 and 6).
 */
export function printExpression(expression: Expression, prefix = ""): string {
  switch (expression.kind) {
    case "all":
    case "global":
      return `${expression.kind}()`;
    case "has":
      return `has(${prefix}${expression.label})`;
    case "in":
    case "not in": {
      // Calico keeps the members as a sorted set.
      const members = [...new Set(expression.values)].sort().map(quote).join(", ");
      return `${prefix}${expression.label} ${expression.kind} {${members}}`;
    }
    case "!":
      return `!${printExpression(expression.operand, prefix)}`;
    case "&&":
    case "||": {
      const operands = expression.operands.map((operand) => printExpression(operand, prefix));
      return `(${operands.join(` ${expression.kind} `)})`;
    }
    default:
      return `${prefix}${expression.label} ${expression.kind} ${quote(expression.value)}`;
  }
}

/** Strings have no escapes: one that holds a double quote is put in single quotes. */
function quote(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}
