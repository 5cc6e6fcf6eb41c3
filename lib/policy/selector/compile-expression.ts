import type { Expression } from "./expression.ts";

/** Labels of one object. A Map, so that a label called `constructor` is just a label. */
export type Labels = ReadonlyMap<string, string>;

/**
 * Turns a selector tree into a predicate.
 * Source: docs/calico.md 2.3: `!=` and `not in` also hold when the label is absent, every other operator needs it.
 */
export function compileExpression(expression: Expression): (labels: Labels) => boolean {
  switch (expression.kind) {
    case "all":
    case "global":
      return () => true;
    case "has": {
      const { label } = expression;
      return (labels) => labels.has(label);
    }
    case "==": {
      const { label, value } = expression;
      return (labels) => labels.get(label) === value;
    }
    case "!=": {
      const { label, value } = expression;
      return (labels) => labels.get(label) !== value;
    }
    case "contains": {
      const { label, value } = expression;
      return (labels) => labels.get(label)?.includes(value) === true;
    }
    case "starts with": {
      const { label, value } = expression;
      return (labels) => labels.get(label)?.startsWith(value) === true;
    }
    case "ends with": {
      const { label, value } = expression;
      return (labels) => labels.get(label)?.endsWith(value) === true;
    }
    case "in": {
      const { label } = expression;
      const values = new Set(expression.values);
      return (labels) => {
        const value = labels.get(label);
        return value !== undefined && values.has(value);
      };
    }
    case "not in": {
      const { label } = expression;
      const values = new Set(expression.values);
      return (labels) => {
        const value = labels.get(label);
        return value === undefined || !values.has(value);
      };
    }
    case "!": {
      const operand = compileExpression(expression.operand);
      return (labels) => !operand(labels);
    }
    case "&&": {
      const operands = expression.operands.map(compileExpression);
      return (labels) => operands.every((operand) => operand(labels));
    }
    case "||": {
      const operands = expression.operands.map(compileExpression);
      return (labels) => operands.some((operand) => operand(labels));
    }
  }
}

/** Adds every label name that the selector looks at to `names`. */
export function collectLabelNames(expression: Expression, names: Set<string>): void {
  switch (expression.kind) {
    case "all":
    case "global":
      return;
    case "!":
      collectLabelNames(expression.operand, names);
      return;
    case "&&":
    case "||":
      for (const operand of expression.operands) collectLabelNames(operand, names);
      return;
    default:
      names.add(expression.label);
  }
}
