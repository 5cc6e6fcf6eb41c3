import type { Expression } from "./expression.ts";

export type Junction = "!" | "&&" | "||";
export type Leaf = Exclude<Expression, { readonly kind: Junction }>;

/**
 * Folds a tree from its leaves to its root. It keeps a list instead of calling itself, because other people decide how deep
 * a selector is: 2,000 nested parentheses are accepted by every Calico.
 *
 * Work is linear in the size of the tree.
 */
export function foldExpression<T>(
  expression: Expression,
  leaf: (leaf: Leaf) => T,
  join: (kind: Junction, parts: readonly T[]) => T,
): T {
  const values: T[] = [];
  const open: { readonly expression: Expression; readonly parts: readonly Expression[]; next: number }[] = [];
  const enter = (entered: Expression): void =>
    void open.push({ expression: entered, parts: partsOf(entered), next: 0 });
  enter(expression);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const part = top.parts[top.next];
    top.next++;
    if (part !== undefined) {
      enter(part);
      continue;
    }
    open.pop();
    const { parts } = top;
    values.push(
      isLeaf(top.expression)
        ? leaf(top.expression)
        : join(top.expression.kind, values.splice(values.length - parts.length)),
    );
  }
  return values[0] as T;
}

/** The parts that a junction joins; none for a leaf. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "!":
      return [expression.operand];
    case "&&":
    case "||":
      return expression.operands;
    default:
      return [];
  }
}

/** True for what has no parts. */
export function isLeaf(expression: Expression): expression is Leaf {
  const { kind } = expression;
  return kind !== "!" && kind !== "&&" && kind !== "||";
}
