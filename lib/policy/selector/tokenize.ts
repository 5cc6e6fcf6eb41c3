/** Calico's selector lexer, docs/calico.md 2.1, with its quirks: only space and TAB are blanks, no escapes in strings. */

export type Token = { readonly position: number } & (
  | { readonly kind: "label" | "has" | "string"; readonly value: string }
  | { readonly kind: Operator | Punctuation | "all" | "global" | "end" }
);
export type Operator = "==" | "!=" | "contains" | "starts with" | "ends with" | "in" | "not in";
export type Punctuation = "(" | ")" | "{" | "}" | "," | "&&" | "||" | "!";

/** Why a text is no selector, and where (index of the first character that cannot be read). */
export type SelectorError = {
  readonly kind: "selector-error";
  readonly message: string;
  readonly position: number;
  /** The text is longer than anybody reads here; Calico may accept it. */
  readonly undecidable?: true;
};

const MAXIMUM_LABEL_LENGTH = 512;
const LABEL = /[A-Za-z0-9_./-]+/y;
const HAS = /has\([ \t]*([A-Za-z0-9_./-]+)[ \t]*\)/y;
const ALL = /all\([ \t]*\)/y;
const GLOBAL = /global\([ \t]*\)/y;
/** In the order in which Calico tries them, and only right after a label. */
const WORD_OPERATORS: readonly (readonly [Operator, RegExp])[] = [
  ["contains", /contains(?![A-Za-z0-9_./-])/y],
  ["starts with", /starts[ \t]*with(?![ \t]*[A-Za-z0-9_./-])/y],
  ["ends with", /ends[ \t]*with(?![ \t]*[A-Za-z0-9_./-])/y],
  ["not in", /not[ \t]*in(?![ \t]*[A-Za-z0-9_./-])/y],
  ["in", /in(?![A-Za-z0-9_./-])/y],
];
const DOUBLES = { "=": "==", "&": "&&", "|": "||" } as const;

/** Splits a selector into tokens, the last one `end`; or says what cannot be read and where. */
export function tokenize(text: string): readonly Token[] | SelectorError {
  const tokens: Token[] = [];
  let position = 0;
  while (true) {
    while (text[position] === " " || text[position] === "\t") position++;
    if (position >= text.length) {
      tokens.push({ kind: "end", position });
      return tokens;
    }
    const read = readToken(text, position, tokens.at(-1)?.kind === "label");
    if ("message" in read) return read;
    tokens.push(read.token);
    position = read.next;
  }
}

type Read = { readonly token: Token; readonly next: number };

function readToken(text: string, position: number, afterLabel: boolean): Read | SelectorError {
  const character = text[position] ?? "";
  switch (character) {
    case "(":
    case ")":
    case "{":
    case "}":
    case ",":
      return { token: { kind: character, position }, next: position + 1 };
    case '"':
    case "'": {
      const close = text.indexOf(character, position + 1);
      if (close < 0) return selectorError("unterminated string", position);
      return { token: { kind: "string", value: text.slice(position + 1, close), position }, next: close + 1 };
    }
    case "!":
      return text[position + 1] === "="
        ? { token: { kind: "!=", position }, next: position + 2 }
        : { token: { kind: "!", position }, next: position + 1 };
    case "=":
    case "&":
    case "|": {
      const double = DOUBLES[character];
      if (!text.startsWith(double, position)) return selectorError(`expected ${double}`, position);
      return { token: { kind: double, position }, next: position + 2 };
    }
    default:
      return afterLabel ? readWordOperator(text, position) : readWord(text, position);
  }
}

function readWordOperator(text: string, position: number): Read | SelectorError {
  for (const [operator, pattern] of WORD_OPERATORS) {
    const match = matchAt(pattern, text, position);
    if (match !== undefined) return { token: { kind: operator, position }, next: position + match[0].length };
  }
  return selectorError("expected an operator after the label name", position);
}

function readWord(text: string, position: number): Read | SelectorError {
  if (text.startsWith("has(", position)) {
    const match = matchAt(HAS, text, position);
    const label = match?.[1];
    if (match === undefined || label === undefined) {
      return selectorError("has( needs one label name and a closing parenthesis", position);
    }
    if (label.length > MAXIMUM_LABEL_LENGTH) return labelTooLong(position);
    return { token: { kind: "has", value: label, position }, next: position + match[0].length };
  }
  for (const [kind, pattern] of [
    ["all", ALL],
    ["global", GLOBAL],
  ] as const) {
    if (!text.startsWith(`${kind}(`, position)) continue;
    const match = matchAt(pattern, text, position);
    if (match === undefined) return selectorError(`no closing parenthesis after ${kind}(`, position);
    return { token: { kind, position }, next: position + match[0].length };
  }
  const match = matchAt(LABEL, text, position);
  if (match === undefined) {
    return selectorError(`unexpected character ${JSON.stringify(text[position])}`, position);
  }
  if (match[0].length > MAXIMUM_LABEL_LENGTH) return labelTooLong(position);
  return { token: { kind: "label", value: match[0], position }, next: position + match[0].length };
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}

function labelTooLong(position: number): SelectorError {
  return selectorError(`a label name has at most ${MAXIMUM_LABEL_LENGTH} characters`, position);
}

/** An error at a position. */
export function selectorError(message: string, position: number): SelectorError {
  return { kind: "selector-error", message, position };
}
