import type { Expression } from "./expression.ts";
import { foldExpression, isLeaf, partsOf, type Leaf } from "./walk-expression.ts";

/** Labels of one object. A Map, so that a label called `constructor` is just a label. */
export type Labels = ReadonlyMap<string, string>;
export type Test = (labels: Labels) => boolean;

/** One step over the answer so far: find it anew, turn it round, or go on elsewhere when it is already settled. */
type Step = Test | "not" | Jump;
type Jump = { readonly when: boolean; to: number };

/**
 * Turns a selector tree into a predicate. The predicate is a list of steps with jumps, not functions that call each other:
 * a tree may be as deep as its author likes. It has at most two steps for each leaf, `!`, `&&` and `||`.
 * Source: docs/calico.md 2.3: `!=` and `not in` also hold when the label is absent, every other operator needs it.
 */
export function compileExpression(expression: Expression): Test {
  const steps: Step[] = [];
  const open = [newFrame(expression)];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const { kind } = frame.expression;
    const part = frame.parts[frame.next];
    if (part !== undefined) {
      if (frame.next > 0) {
        const jump = { when: kind === "||", to: 0 };
        frame.jumps.push(jump);
        steps.push(jump);
      }
      frame.next++;
      open.push(newFrame(part));
      continue;
    }
    open.pop();
    if (kind === "!") steps.push("not");
    else if (isLeaf(frame.expression)) steps.push(compileLeaf(frame.expression));
    for (const jump of frame.jumps) jump.to = steps.length;
  }
  const [only] = steps;
  return steps.length === 1 && typeof only === "function" ? only : (labels) => run(steps, labels);
}

/** Adds every label name that the selector looks at to `names`. */
export function collectLabelNames(expression: Expression, names: Set<string>): void {
  foldExpression(
    expression,
    (leaf) => {
      if ("label" in leaf) names.add(leaf.label);
    },
    () => undefined,
  );
}

type Frame = {
  readonly expression: Expression;
  readonly parts: readonly Expression[];
  next: number;
  /** Steps that leave the junction; where it ends is known at its end. */
  readonly jumps: Jump[];
};

function newFrame(expression: Expression): Frame {
  return { expression, parts: partsOf(expression), next: 0, jumps: [] };
}

function run(steps: readonly Step[], labels: Labels): boolean {
  let holds = false;
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at];
    if (typeof step === "function") holds = step(labels);
    else if (step === "not") holds = !holds;
    else if (step !== undefined && step.when === holds) at = step.to - 1;
  }
  return holds;
}

function compileLeaf(leaf: Leaf): Test {
  switch (leaf.kind) {
    case "all":
    case "global":
      return () => true;
    case "has": {
      const { label } = leaf;
      return (labels) => labels.has(label);
    }
    case "==": {
      const { label, value } = leaf;
      return (labels) => labels.get(label) === value;
    }
    case "!=": {
      const { label, value } = leaf;
      return (labels) => labels.get(label) !== value;
    }
    case "contains": {
      const { label, value } = leaf;
      return (labels) => labels.get(label)?.includes(value) === true;
    }
    case "starts with": {
      const { label, value } = leaf;
      return (labels) => labels.get(label)?.startsWith(value) === true;
    }
    case "ends with": {
      const { label, value } = leaf;
      return (labels) => labels.get(label)?.endsWith(value) === true;
    }
    case "in": {
      const { label } = leaf;
      const values = new Set(leaf.values);
      return (labels) => {
        const value = labels.get(label);
        return value !== undefined && values.has(value);
      };
    }
    case "not in": {
      const { label } = leaf;
      const values = new Set(leaf.values);
      return (labels) => {
        const value = labels.get(label);
        return value === undefined || !values.has(value);
      };
    }
  }
}
