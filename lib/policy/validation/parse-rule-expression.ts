/**
 * Reads the CEL expressions of Calico's schemas: comparisons, `!`, `&&`, `||`, `?:`, fields, and the functions that occur.
 * A library for all of CEL brings more than ten megabytes for some forty one-line rules; a test holds that every rule of the
 * tables is read, so a rule that needs more than this fails there and not in somebody's cluster.
 * Source: the CEL language definition; schemas/structural-schemas.json.
 */

export type RuleExpression =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "field"; readonly of: RuleExpression; readonly name: string }
  | { readonly kind: "not"; readonly operand: RuleExpression }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly operands: Pair }
  | { readonly kind: "and" | "or"; readonly operands: Pair }
  | {
      readonly kind: "choose";
      readonly condition: RuleExpression;
      readonly yes: RuleExpression;
      readonly no: RuleExpression;
    }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly target: RuleExpression | undefined;
      readonly arguments: readonly RuleExpression[];
    };
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
type Pair = readonly [RuleExpression, RuleExpression];

/** Names, numbers, texts in quotes, and signs. */
const TOKEN = /\s*(?:([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|'([^'\\]*)'|"([^"\\]*)"|(&&|\|\||[=!<>]=|[<>!?:.,()]))/y;
const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(["==", "!=", "<", "<=", ">", ">="]);

type Token =
  | { readonly kind: "name" | "text" | "sign"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "end"; readonly text: "" };
type Reader = { readonly tokens: readonly Token[]; index: number };

/** The expression; `undefined` when it says something that occurs in none of Calico's rules. */
export function parseRuleExpression(text: string): RuleExpression | undefined {
  const tokens = tokenize(text);
  if (tokens === undefined) return undefined;
  const reader: Reader = { tokens, index: 0 };
  const expression = readChoice(reader);
  return current(reader).kind === "end" ? expression : undefined;
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  let position = 0;
  while (position < trimmed.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(trimmed);
    if (match === null) return undefined;
    const [whole, name, number, single, double, sign] = match;
    if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else tokens.push({ kind: "text", text: single ?? double ?? "" });
    position += whole.length;
  }
  return [...tokens, { kind: "end", text: "" }];
}

function current(reader: Reader): Token {
  return reader.tokens[reader.index] ?? { kind: "end", text: "" };
}

function take(reader: Reader, sign: string): boolean {
  const token = current(reader);
  if (token.kind !== "sign" || token.text !== sign) return false;
  reader.index++;
  return true;
}

function readChoice(reader: Reader): RuleExpression | undefined {
  const condition = readChain(reader, "||");
  if (condition === undefined || !take(reader, "?")) return condition;
  const yes = readChain(reader, "||");
  if (yes === undefined || !take(reader, ":")) return undefined;
  const no = readChoice(reader);
  return no === undefined ? undefined : { kind: "choose", condition, yes, no };
}

function readChain(reader: Reader, sign: "||" | "&&"): RuleExpression | undefined {
  const next = (): RuleExpression | undefined =>
    sign === "||" ? readChain(reader, "&&") : readComparison(reader);
  let left = next();
  while (left !== undefined && take(reader, sign)) {
    const right: RuleExpression | undefined = next();
    left = right === undefined ? undefined : { kind: sign === "||" ? "or" : "and", operands: [left, right] };
  }
  return left;
}

function readComparison(reader: Reader): RuleExpression | undefined {
  const left = readOperand(reader);
  const token = current(reader);
  if (left === undefined || token.kind !== "sign" || !COMPARISONS.has(token.text)) return left;
  reader.index++;
  const right = readOperand(reader);
  return right === undefined
    ? undefined
    : { kind: "compare", operator: token.text as Comparison, operands: [left, right] };
}

function readOperand(reader: Reader): RuleExpression | undefined {
  if (take(reader, "!")) {
    const operand = readOperand(reader);
    return operand === undefined ? undefined : { kind: "not", operand };
  }
  let operand = readPrimary(reader);
  while (operand !== undefined && take(reader, ".")) {
    const { kind, text } = current(reader);
    if (kind !== "name") return undefined;
    reader.index++;
    operand = readCall(reader, text, operand) ?? { kind: "field", of: operand, name: text };
  }
  return operand;
}

function readPrimary(reader: Reader): RuleExpression | undefined {
  const token = current(reader);
  reader.index++;
  switch (token.kind) {
    case "number":
      return { kind: "literal", value: Number(token.text) };
    case "text":
      return { kind: "literal", value: token.text };
    case "name":
      if (token.text === "true" || token.text === "false")
        return { kind: "literal", value: token.text === "true" };
      return readCall(reader, token.text, undefined) ?? { kind: "name", name: token.text };
    case "sign": {
      if (token.text !== "(") return undefined;
      const inner = readChoice(reader);
      return take(reader, ")") ? inner : undefined;
    }
    default:
      return undefined;
  }
}

/** `undefined` when no parenthesis follows. A call that cannot be read leaves its rest behind, which ends in a refusal. */
function readCall(
  reader: Reader,
  name: string,
  target: RuleExpression | undefined,
): RuleExpression | undefined {
  if (!take(reader, "(")) return undefined;
  const given: RuleExpression[] = [];
  while (!take(reader, ")")) {
    const argument = given.length > 0 && !take(reader, ",") ? undefined : readChoice(reader);
    if (argument === undefined) return undefined;
    given.push(argument);
  }
  return { kind: "call", name, target, arguments: given };
}
