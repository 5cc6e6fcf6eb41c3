import { formatAddress, type Address, type Network } from "./parse-address.ts";

/** A set of addresses of both families: sorted, disjoint ranges, so that membership is one binary search. */
export type AddressSet = {
  readonly four: { readonly firsts: ArrayLike<number>; readonly lasts: ArrayLike<number> };
  readonly six: { readonly firsts: readonly bigint[]; readonly lasts: readonly bigint[] };
};

/** Builds a set from networks in any order; overlaps are merged. */
export function buildAddressSet(networks: Iterable<Network>): AddressSet {
  const four: [number, number][] = [];
  const six: [bigint, bigint][] = [];
  for (const network of networks) {
    if (network.family === 4) four.push([network.first, network.last]);
    else six.push([network.first, network.last]);
  }
  const mergedFour = merge(four, 1);
  const mergedSix = merge(six, 1n);
  return {
    four: {
      firsts: Uint32Array.from(mergedFour, (range) => range[0]),
      lasts: Uint32Array.from(mergedFour, (range) => range[1]),
    },
    six: { firsts: mergedSix.map((range) => range[0]), lasts: mergedSix.map((range) => range[1]) },
  };
}

/** True when the set holds the address. */
export function addressSetContains(set: AddressSet, address: Address): boolean {
  return address.family === 4
    ? inRanges(set.four.firsts, set.four.lasts, address.value)
    : inRanges(set.six.firsts, set.six.lasts, address.value);
}

/** The set as text ranges, for people and tests. */
export function formatAddressSet(set: AddressSet): string[] {
  const range = (first: Address, last: Address): string =>
    first.value === last.value ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`;
  return [
    ...Array.from(set.four.firsts, (first, index) =>
      range({ family: 4, value: first }, { family: 4, value: set.four.lasts[index] ?? first }),
    ),
    ...set.six.firsts.map((first, index) =>
      range({ family: 6, value: first }, { family: 6, value: set.six.lasts[index] ?? first }),
    ),
  ];
}

function inRanges<T extends number | bigint>(firsts: ArrayLike<T>, lasts: ArrayLike<T>, value: T): boolean {
  let low = 0;
  let high = firsts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (value < (firsts[middle] as T)) high = middle - 1;
    else if (value > (lasts[middle] as T)) low = middle + 1;
    else return true;
  }
  return false;
}

function merge<T extends number | bigint>(ranges: [T, T][], one: T): [T, T][] {
  ranges.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const merged: [T, T][] = [];
  for (const [first, last] of ranges) {
    const previous = merged.at(-1);
    // Subtraction, not addition: `last + 1` of the top address would leave the family.
    if (
      previous !== undefined &&
      (first <= previous[1] || (first as number) - (one as number) === (previous[1] as number))
    ) {
      if (last > previous[1]) previous[1] = last;
    } else merged.push([first, last]);
  }
  return merged;
}
