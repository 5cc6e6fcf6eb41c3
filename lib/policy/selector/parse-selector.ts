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

/** Parentheses and negations deeper than this are refused, so that no text can exhaust the stack. The API caps selectors at 1024 characters. */
const MAXIMUM_DEPTH = 2_000;

/**
 * Parses a selector; empty or blank text means `all()`.
 * Source: docs/calico.md 2.2 (grammar) and 0 item 1.
 */
export function parseSelector(text: string): Selector | SelectorError {
  const tokens = tokenize(text);
  if ("message" in tokens) return tokens;
  if (tokens[0]?.kind === "end") return selectorOf(text, { kind: "all" });
  const parser: Parser = { tokens, index: 0 };
  const expression = parseOr(parser, 0);
  if (isSelectorError(expression)) return expression;
  const rest = current(parser);
  return rest.kind === "end"
    ? selectorOf(text, expression)
    : selectorError("expected && or || or the end", rest.position);
}

/** True when parsing failed. */
export function isSelectorError(value: { readonly kind: string }): value is SelectorError {
  return value.kind === "selector-error";
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

function parseOr(parser: Parser, depth: number): Expression | SelectorError {
  return parseChain(parser, "||", depth, parseAnd);
}

function parseAnd(parser: Parser, depth: number): Expression | SelectorError {
  return parseChain(parser, "&&", depth, parseOperation);
}

function parseChain(
  parser: Parser,
  kind: "&&" | "||",
  depth: number,
  parseOperand: (parser: Parser, depth: number) => Expression | SelectorError,
): Expression | SelectorError {
  const operands: Expression[] = [];
  while (true) {
    const operand = parseOperand(parser, depth);
    if (isSelectorError(operand)) return operand;
    operands.push(operand);
    if (current(parser).kind !== kind) return operands.length === 1 ? operand : { kind, operands };
    parser.index++;
  }
}

/** `!` binds to the whole comparison that follows, so `!a == 'b'` is `!(a == 'b')`; pairs of negations cancel. */
function parseOperation(parser: Parser, depth: number): Expression | SelectorError {
  let negated = false;
  while (current(parser).kind === "!") {
    negated = !negated;
    parser.index++;
  }
  const operand = parsePrimary(parser, depth + 1);
  return negated && !isSelectorError(operand) ? { kind: "!", operand } : operand;
}

function parsePrimary(parser: Parser, depth: number): Expression | SelectorError {
  const token = current(parser);
  if (depth > MAXIMUM_DEPTH) return selectorError("too many nested parentheses", token.position);
  parser.index++;
  switch (token.kind) {
    case "all":
    case "global":
      return { kind: token.kind };
    case "has":
      return { kind: "has", label: token.value };
    case "(": {
      const inner = parseOr(parser, depth);
      if (isSelectorError(inner)) return inner;
      const close = current(parser);
      if (close.kind !== ")") return selectorError("expected )", close.position);
      parser.index++;
      return inner;
    }
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
