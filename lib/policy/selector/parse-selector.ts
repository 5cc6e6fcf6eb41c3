import { compileExpression, type Labels } from "./compile-expression.ts";
import { selectorError, tokenize, type SelectorError, type Token } from "./tokenize.ts";

export type { SelectorError } from "./tokenize.ts";
import type { Expression } from "./expression.ts";

export type { Labels } from "./compile-expression.ts";
export type { Expression } from "./expression.ts";

export type Selector = {
  readonly kind: "selector";
  readonly text: string;
  readonly expression: Expression;
  readonly matches: (labels: Labels) => boolean;
};

/**
 * A longer text is not looked at: what its object does is then `undecidable`. Within it everything works, however deep:
 * nothing here calls itself, and the work is linear. Calico has no limit but that of the store, 1.5 MB for an object.
 */
export const MOST_CHARACTERS = 65_536;

/**
 * Parses a selector; empty or blank text means `all()`.
 * Source: docs/calico.md 2.2 (grammar) and 0 item 1.
 *
 * @param most characters that are looked at; texts that were glued together from checked parts need no bound of their own
 */
export function parseSelector(text: string, most = MOST_CHARACTERS): Selector | SelectorError {
  if (text.length > most)
    return {
      ...selectorError(`${text.length} characters, of which ${most} at most are looked at`, most),
      undecidable: true,
    };
  const tokens = tokenize(text);
  if ("message" in tokens) return tokens;
  if (tokens[0]?.kind === "end") return selectorOf(text, { kind: "all" });
  const expression = parseExpression({ tokens, index: 0 });
  return isSelectorError(expression) ? expression : selectorOf(text, expression);
}

/** True when parsing failed. */
export function isSelectorError(value: { readonly kind: string }): value is SelectorError {
  return value.kind === "selector-error";
}

/** True for a text that Calico cannot parse either; one that is only too long to look at may well be fine. */
export function isBrokenSelector(text: string): boolean {
  const parsed = parseSelector(text);
  return isSelectorError(parsed) && parsed.undecidable !== true;
}

/** A one-line complaint with the position (counted from 1), or `undefined` when the selector is fine. */
export function checkSelector(text: string): string | undefined {
  const parsed = parseSelector(text);
  return isSelectorError(parsed) ? `${parsed.message}, at character ${parsed.position + 1}` : undefined;
}

/**
 * True when an object with these labels is selected. Labels are compared byte for byte.
 * Source: docs/calico.md 2.3 (`!=` and `not in` hold when the label is absent).
 */
export function evaluateSelector(
  selector: Selector,
  labels: Labels | Readonly<Record<string, string>>,
): boolean {
  return selector.matches(labels instanceof Map ? labels : new Map(Object.entries(labels)));
}

type Parser = { readonly tokens: readonly Token[]; index: number };

function selectorOf(text: string, expression: Expression): Selector {
  return { kind: "selector", text, expression, matches: compileExpression(expression) };
}

function current(parser: Parser): Token {
  const token = parser.tokens[parser.index] ?? parser.tokens.at(-1);
  return token ?? { kind: "end", position: 0 };
}

/** What stands between two parentheses, as far as it is read. `&&` binds closer than `||`. */
type Group = { readonly alternatives: Expression[]; conjuncts: Expression[]; negated: boolean };

/** Reads all tokens. Open parentheses wait in a list: their number is for others to choose. */
function parseExpression(parser: Parser): Expression | SelectorError {
  const outer: Group[] = [];
  let group = newGroup();
  while (true) {
    readNegations(parser, group);
    if (current(parser).kind === "(") {
      parser.index++;
      outer.push(group);
      group = newGroup();
      continue;
    }
    const leaf = parseLeaf(parser);
    if (isSelectorError(leaf)) return leaf;
    addOperand(group, leaf);
    while (current(parser).kind === ")") {
      const enclosing = outer.pop();
      if (enclosing === undefined) break;
      parser.index++;
      addOperand(enclosing, closeGroup(group));
      group = enclosing;
    }
    const { kind, position } = current(parser);
    if (kind === "||") closeConjunction(group);
    else if (kind !== "&&") {
      if (outer.length > 0) return selectorError("expected )", position);
      if (kind === "end") return closeGroup(group);
      return selectorError("expected && or || or the end", position);
    }
    parser.index++;
  }
}

function newGroup(): Group {
  return { alternatives: [], conjuncts: [], negated: false };
}

/** `!` binds to the whole comparison that follows, so `!a == 'b'` is `!(a == 'b')`; pairs of negations cancel. */
function readNegations(parser: Parser, group: Group): void {
  for (; current(parser).kind === "!"; parser.index++) group.negated = !group.negated;
}

function addOperand(group: Group, operand: Expression): void {
  group.conjuncts.push(group.negated ? { kind: "!", operand } : operand);
  group.negated = false;
}

function closeConjunction(group: Group): void {
  group.alternatives.push(chain("&&", group.conjuncts));
  group.conjuncts = [];
}

function closeGroup(group: Group): Expression {
  closeConjunction(group);
  return chain("||", group.alternatives);
}

function chain(kind: "&&" | "||", operands: readonly Expression[]): Expression {
  const [first] = operands;
  return first !== undefined && operands.length === 1 ? first : { kind, operands };
}

function parseLeaf(parser: Parser): Expression | SelectorError {
  const token = current(parser);
  parser.index++;
  switch (token.kind) {
    case "all":
    case "global":
      return { kind: token.kind };
    case "has":
      return { kind: "has", label: token.value };
    case "label":
      return parseComparison(parser, token.value);
    default:
      return selectorError("expected a label name, has(…), all(), global() or (", token.position);
  }
}

function parseComparison(parser: Parser, label: string): Expression | SelectorError {
  const operator = current(parser);
  parser.index++;
  switch (operator.kind) {
    case "==":
    case "!=":
    case "contains":
    case "starts with":
    case "ends with": {
      const value = current(parser);
      if (value.kind !== "string") return selectorError("expected a quoted string", value.position);
      parser.index++;
      return { kind: operator.kind, label, value: value.value };
    }
    case "in":
    case "not in": {
      const values = parseSet(parser);
      return "message" in values ? values : { kind: operator.kind, label, values };
    }
    default:
      return selectorError("expected an operator after the label name", operator.position);
  }
}

/** `{ 'a', 'b', }`: empty sets and one trailing comma are accepted. */
function parseSet(parser: Parser): string[] | SelectorError {
  const open = current(parser);
  if (open.kind !== "{") return selectorError("expected {", open.position);
  parser.index++;
  const values: string[] = [];
  while (true) {
    const token = current(parser);
    if (token.kind === "string") {
      values.push(token.value);
      parser.index++;
      if (current(parser).kind === ",") parser.index++;
      else if (current(parser).kind !== "}")
        return selectorError("expected , or }", current(parser).position);
    } else if (token.kind === "}") {
      parser.index++;
      return values;
    } else return selectorError("expected a quoted string or }", token.position);
  }
}
