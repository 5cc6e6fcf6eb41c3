import { ascending } from "../model/ascending.ts";
import { countFour, countSix, type AddressSet, type Ranges } from "./address-set.ts";
import { joinWords, splitWords, WORDS } from "./address-words.ts";
import type { Address, Network } from "./parse-address.ts";

/**
 * Where membership in one of the sets changes inside a block: the first address of each range, and the one after its last.
 * Looks at nothing outside the block, and at no more than `most` of what is inside, evenly spread. Sorted, each once.
 */
export function boundariesInside(
  sets: readonly AddressSet[],
  block: Network,
  most: number,
): readonly Address[] {
  const stretches = sets.flatMap((set) =>
    block.family === 4 ? stretchesFour(set.four, block) : stretchesSix(set.six, block),
  );
  const count = stretches.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
  const stride = Math.max(1, Math.ceil(count / most));
  const found = new Map<number | bigint, Address>();
  for (const { from, to, read } of stretches)
    for (let index = from; index < to; index += stride) {
      const address = read(index);
      found.set(address.value, address);
    }
  return [...found.values()].sort(ascending((it) => it.value));
}

/** A part of a sorted list, and what it says. */
type Stretch = { readonly from: number; readonly to: number; readonly read: (index: number) => Address };

function stretchesFour(
  { firsts, lasts }: Ranges,
  block: Extract<Network, { family: 4 }>,
): readonly Stretch[] {
  return [
    {
      from: countFour(firsts, block.first - 1),
      to: countFour(firsts, block.last),
      read: (index) => ({ family: 4, value: firsts[index] ?? 0 }),
    },
    {
      from: countFour(lasts, block.first - 1),
      to: countFour(lasts, block.last - 1),
      read: (index) => ({ family: 4, value: (lasts[index] ?? 0) + 1 }),
    },
  ];
}

function stretchesSix({ firsts, lasts }: Ranges, block: Extract<Network, { family: 6 }>): readonly Stretch[] {
  const below = (sorted: ArrayLike<number>, value: bigint): number =>
    value === 0n ? 0 : countSix(sorted, splitWords(value - 1n));
  return [
    {
      from: below(firsts, block.first),
      to: countSix(firsts, splitWords(block.last)),
      read: (index) => ({ family: 6, value: joinWords(firsts, index * WORDS) }),
    },
    {
      from: below(lasts, block.first),
      to: below(lasts, block.last),
      read: (index) => ({ family: 6, value: joinWords(lasts, index * WORDS) + 1n }),
    },
  ];
}
