/**
 * What of a rule is looked at. The rest of this room is linear in what it reads; these bounds keep it from reading without
 * end. No object in a cluster's store comes near the number of entries (1.5 MB for an object); a file may.
 */
import { MOST_CHARACTERS } from "../selector/parse-selector.ts";
import type { Rule, RuleEnd } from "./decode-rule.ts";

/** Entries of one list of a rule: nets, negated nets, ports. */
export const MOST_ENTRIES = 131_072;

/** `source.selector: 70000 characters, of which …`; `undefined` when the rule is within the bounds. */
export function beyondBounds(rule: Pick<Rule, "source" | "destination">): string | undefined {
  for (const side of ["source", "destination"] as const) {
    const problem = endBeyondBounds(rule[side]);
    if (problem !== undefined) return `${side}.${problem}`;
  }
  return undefined;
}

/** `70000 characters, of which …`; `undefined` for a text that is looked at. */
export function tooLong(text: string): string | undefined {
  return text.length > MOST_CHARACTERS
    ? `${text.length} characters, of which ${MOST_CHARACTERS} at most are looked at`
    : undefined;
}

/** The end without what is beyond the bounds: it asks for less, and matches at least what the whole end matches. */
export function withinBounds(end: RuleEnd): RuleEnd {
  if (endBeyondBounds(end) === undefined) return end;
  const text = (value: string): string => (tooLong(value) === undefined ? value : "");
  const list = <T>(values: readonly T[]): readonly T[] => (values.length > MOST_ENTRIES ? [] : values);
  const accounts = end.serviceAccounts;
  return {
    ...end,
    nets: list(end.nets),
    notNets: list(end.notNets),
    ports: list(end.ports),
    notPorts: list(end.notPorts),
    selector: text(end.selector),
    notSelector: text(end.notSelector),
    namespaceSelector: text(end.namespaceSelector),
    serviceAccounts:
      accounts === undefined ? undefined : { names: list(accounts.names), selector: text(accounts.selector) },
  };
}

function endBeyondBounds(end: RuleEnd): string | undefined {
  const lists = [
    ["nets", end.nets],
    ["notNets", end.notNets],
    ["ports", end.ports],
    ["notPorts", end.notPorts],
    ["serviceAccounts.names", end.serviceAccounts?.names ?? []],
  ] as const;
  for (const [field, values] of lists)
    if (values.length > MOST_ENTRIES)
      return `${field}: ${values.length} entries, of which ${MOST_ENTRIES} at most are looked at`;
  const texts = [
    ["selector", end.selector],
    ["notSelector", end.notSelector],
    ["namespaceSelector", end.namespaceSelector],
    ["serviceAccounts.selector", end.serviceAccounts?.selector ?? ""],
  ] as const;
  for (const [field, text] of texts) {
    const problem = tooLong(text);
    if (problem !== undefined) return `${field}: ${problem}`;
  }
  return undefined;
}
