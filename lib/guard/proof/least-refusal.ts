/**
 * The smallest set of writes whose refusal leaves nothing that two of them could do together.
 *
 * In: pairs of sides, of which one must be refused whole; what is refused anyway; what each write is worth. Out: everything that is
 * refused. Exact for what occurs (few distinct sides); bounded, and then the best that was found, for what does not.
 * Must never happen: a pair of which neither side is refused.
 */
import type { Action } from "../../model/plan.ts";

/** Writes that are harmless alone, and cut something once both sides are there. */
export type Choice = { readonly own: readonly Action[]; readonly other: readonly Action[] };

/** So many ways are tried to do better than the first guess. */
const MOST_STEPS = 512;

export function leastRefusal(
  choices: readonly Choice[],
  refused: ReadonlySet<Action>,
  worth: (action: Action) => number,
): ReadonlySet<Action> {
  const open = distinct(choices).filter((it) => !isSettled(it, refused));
  let best = guess(open, refused, worth);
  let steps = 0;
  const search = (sofar: ReadonlySet<Action>, price: number): void => {
    steps += 1;
    if (steps > MOST_STEPS || price >= best.price) return;
    const next = open.find((it) => !isSettled(it, sofar));
    if (next === undefined) {
      best = { refused: sofar, price };
      return;
    }
    const sides = [next.own, next.other].map((side) => withSide(sofar, side, worth));
    for (const it of sides.sort((a, b) => a.more - b.more)) search(it.refused, price + it.more);
  };
  search(refused, 0);
  return best.refused;
}

/** Takes, again and again, the side that settles most for its price. */
function guess(open: readonly Choice[], refused: ReadonlySet<Action>, worth: (action: Action) => number) {
  let sofar = refused;
  let price = 0;
  for (let left = open; left.length > 0; left = left.filter((it) => !isSettled(it, sofar))) {
    const settles = new Map<readonly Action[], number>();
    for (const { own, other } of left)
      for (const side of [own, other]) settles.set(side, (settles.get(side) ?? 0) + 1);
    const rated = [...settles].map(([side, count]) => {
      const it = withSide(sofar, side, worth);
      return { ...it, rate: it.more / count };
    });
    const [first] = rated.sort((a, b) => a.rate - b.rate);
    if (first === undefined) break;
    sofar = first.refused;
    price += first.more;
  }
  return { refused: sofar, price };
}

function withSide(
  refused: ReadonlySet<Action>,
  side: readonly Action[],
  worth: (action: Action) => number,
): { readonly refused: ReadonlySet<Action>; readonly more: number } {
  const added = side.filter((it) => !refused.has(it));
  return {
    refused: added.length === 0 ? refused : new Set([...refused, ...added]),
    more: added.reduce((sum, it) => sum + worth(it), 0),
  };
}

export function isRefused(side: readonly Action[], refused: ReadonlySet<Action>): boolean {
  return side.every((it) => refused.has(it));
}

function isSettled({ own, other }: Choice, refused: ReadonlySet<Action>): boolean {
  return isRefused(own, refused) || isRefused(other, refused);
}

/** Each pair once, and equal sides as one list. */
function distinct(choices: readonly Choice[]): readonly Choice[] {
  const numbers = new Map<Action, number>();
  const numberOf = (action: Action): number => {
    const number = numbers.get(action) ?? numbers.size;
    numbers.set(action, number);
    return number;
  };
  const sides = new Map<string, readonly Action[]>();
  const keys = new Map<readonly Action[], string>();
  const keyOf = (side: readonly Action[]): string => {
    const key =
      keys.get(side) ??
      side
        .map(numberOf)
        .sort((a, b) => a - b)
        .join();
    keys.set(side, key);
    if (!sides.has(key)) sides.set(key, side);
    return key;
  };
  const pairs = new Map<string, Choice>();
  for (const { own, other } of choices) {
    const [one, two] = [keyOf(own), keyOf(other)];
    const key = one < two ? `${one}|${two}` : `${two}|${one}`;
    if (!pairs.has(key)) pairs.set(key, { own: sides.get(one) ?? own, other: sides.get(two) ?? other });
  }
  return [...pairs.values()];
}
