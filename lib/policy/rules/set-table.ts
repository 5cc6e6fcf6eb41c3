import { collectLabelNames } from "../selector/compile-expression.ts";
import { isSelectorError, parseSelector, type Selector } from "../selector/parse-selector.ts";

/** What a set holds: addresses of everything a selector selects, or the address-and-port pairs of a named port. */
export type SetDefinition =
  | { readonly kind: "addresses"; readonly selector: Selector }
  | {
      readonly kind: "namedPort";
      readonly selector: Selector;
      readonly name: string;
      readonly protocol: number | undefined;
    };

/** Hands out one number per distinct set, as Felix makes one IP set per distinct selector (docs/calico.md 7). */
export type SetTable = {
  readonly definitions: readonly SetDefinition[];
  /** Label names that any of the selectors looks at. */
  readonly labelNames: ReadonlySet<string>;
  readonly addressSet: (selector: string) => number;
  readonly namedPortSet: (name: string, protocol: number | undefined, selector: string) => number;
};

/** An empty table. */
export function newSetTable(): SetTable {
  const definitions: SetDefinition[] = [];
  const labelNames = new Set<string>();
  const numbers = new Map<string, number>();
  const intern = (key: string, text: string, define: (selector: Selector) => SetDefinition): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const parsed = parseSelector(text, Number.POSITIVE_INFINITY);
    // Rules beyond the bounds never come here (bounds.ts); what they are glued from needs no second bound.
    // Felix's filter has removed policies with broken selectors; a glued text that breaks selects nothing.
    const selector = isSelectorError(parsed) ? (parseSelector("!all()") as Selector) : parsed;
    collectLabelNames(selector.expression, labelNames);
    const number = definitions.push(define(selector)) - 1;
    numbers.set(key, number);
    return number;
  };
  return {
    definitions,
    labelNames,
    addressSet: (text) => intern(`addresses ${text}`, text, (selector) => ({ kind: "addresses", selector })),
    namedPortSet: (name, protocol, text) =>
      intern(`port ${name} ${protocol ?? "any"} ${text}`, text, (selector) => ({
        kind: "namedPort",
        selector,
        name,
        protocol,
      })),
  };
}
