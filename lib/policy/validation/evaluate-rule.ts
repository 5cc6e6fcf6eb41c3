import type { JsonValue } from "../../model/kubernetes-object.ts";
import { parseAddress } from "../../address/parse-address.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { parseRuleExpression, type Comparison, type RuleExpression } from "./parse-rule-expression.ts";

/** What a rule says of a value; `error` when it asks for what is not there, which the API server takes for a refusal. */
export type RuleOutcome = "holds" | "broken" | "error";

/** A value of an expression. */
type Value = JsonValue | Failure;
/** An expression that has no value. */
type Failure = typeof FAILURE;
const FAILURE = Symbol("failure");
type Names = Readonly<Record<string, JsonValue>>;

const expressions = new Map<string, RuleExpression | undefined>();

/** Evaluates a CEL rule of the tables with `self`. Source: the CEL language definition, and Kubernetes' library of addresses. */
export function evaluateRule(rule: string, self: JsonValue): RuleOutcome {
  if (!expressions.has(rule)) expressions.set(rule, parseRuleExpression(rule));
  const expression = expressions.get(rule);
  const value = expression === undefined ? FAILURE : evaluate(expression, { self });
  if (typeof value !== "boolean") return "error";
  return value ? "holds" : "broken";
}

function evaluate(expression: RuleExpression, names: Names): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name":
      return Object.hasOwn(names, expression.name) ? (names[expression.name] ?? null) : FAILURE;
    case "field":
      return member(evaluate(expression.of, names), expression.name);
    case "not": {
      const operand = evaluate(expression.operand, names);
      return typeof operand === "boolean" ? !operand : FAILURE;
    }
    case "and":
    case "or": {
      // One side that decides is enough, even when the other has no value.
      const decisive = expression.kind === "or";
      const [left, right] = expression.operands.map((operand) => evaluate(operand, names));
      if (left === decisive || right === decisive) return decisive;
      return typeof left === "boolean" && typeof right === "boolean" ? !decisive : FAILURE;
    }
    case "choose": {
      const condition = evaluate(expression.condition, names);
      if (typeof condition !== "boolean") return FAILURE;
      return evaluate(condition ? expression.yes : expression.no, names);
    }
    case "compare": {
      const [left, right] = expression.operands.map((operand) => evaluate(operand, names));
      return left === undefined || right === undefined ? FAILURE : compare(expression.operator, left, right);
    }
    case "call":
      return call(expression, names);
  }
}

function member(of: Value, name: string): Value {
  return of !== FAILURE && isJsonObject(of) && Object.hasOwn(of, name) ? (of[name] ?? FAILURE) : FAILURE;
}

function compare(operator: Comparison, left: Value, right: Value): Value {
  if (left === FAILURE || right === FAILURE) return FAILURE;
  if (operator === "==" || operator === "!=") return (left === right) === (operator === "==");
  if (typeof left !== "number" || typeof right !== "number") return FAILURE;
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function call(expression: Extract<RuleExpression, { kind: "call" }>, names: Names): Value {
  const { name, target, arguments: given } = expression;
  const [first, second] = given;
  if (name === "has" && target === undefined && first?.kind === "field") {
    const parent = evaluate(first.of, names);
    return parent === FAILURE || !isJsonObject(parent) ? FAILURE : member(parent, first.name) !== FAILURE;
  }
  if (name === "exists" && target !== undefined && first?.kind === "name" && second !== undefined)
    return exists(evaluate(target, names), first.name, second, names);
  const subject = target === undefined ? undefined : evaluate(target, names);
  const argument = first === undefined ? undefined : evaluate(first, names);
  if (subject === FAILURE || argument === FAILURE) return FAILURE;
  switch (name) {
    case "size":
      return sizeOf(argument ?? subject);
    case "contains":
    case "startsWith": {
      if (typeof subject !== "string" || typeof argument !== "string") return FAILURE;
      return name === "contains" ? subject.includes(argument) : subject.startsWith(argument);
    }
    case "isIP":
      return typeof argument === "string" ? familyOf(argument) !== undefined : FAILURE;
    case "ip":
      return typeof argument === "string" && familyOf(argument) !== undefined ? argument : FAILURE;
    case "family":
      return typeof subject === "string" ? (familyOf(subject) ?? FAILURE) : FAILURE;
    default:
      return FAILURE;
  }
}

function exists(list: Value, variable: string, condition: RuleExpression, names: Names): Value {
  if (!Array.isArray(list)) return FAILURE;
  const outcomes = (list as readonly JsonValue[]).map((entry) =>
    evaluate(condition, { ...names, [variable]: entry }),
  );
  if (outcomes.includes(true)) return true;
  return outcomes.every((outcome) => outcome === false) ? false : FAILURE;
}

function sizeOf(value: JsonValue | undefined): Value {
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value)) return value.length;
  return value !== undefined && isJsonObject(value) ? Object.keys(value).length : FAILURE;
}

/** Kubernetes takes no IPv4 address that is written as an IPv6 one. */
function familyOf(text: string): 4 | 6 | undefined {
  const family = parseAddress(text)?.family;
  return family === 4 && text.includes(":") ? undefined : family;
}
