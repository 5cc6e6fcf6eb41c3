import { compareWords, joinWords, sortWords, splitWords, WORDS } from "./address-words.ts";
import { formatAddress, type Address, type Family, type Network } from "./parse-address.ts";
import { newScanned, scanNetwork } from "./scan-network.ts";

/**
 * A set of addresses of both families: sorted, disjoint ranges, so that membership is one binary search. They are plain
 * numbers, 8 bytes for a range of IPv4 and 32 for one of IPv6 (address-words.ts): other people's lists have millions.
 */
export type AddressSet = { readonly four: Ranges; readonly six: Ranges };
/** One word for an address of IPv4, four for one of IPv6. */
export type Ranges = { readonly firsts: ArrayLike<number>; readonly lasts: ArrayLike<number> };

const NO_WORDS = new Uint32Array(0);
const NO_RANGES: Ranges = { firsts: NO_WORDS, lasts: NO_WORDS };
const TOP_OF_WORD = 2 ** 32 - 1;

/** Builds a set from networks in any order; overlaps are merged. */
export function buildAddressSet(networks: Iterable<Network>): AddressSet {
  const four = { firsts: [] as number[], lasts: [] as number[] };
  const six = { firsts: [] as number[], lasts: [] as number[] };
  for (const network of networks) {
    if (network.family === 4) {
      four.firsts.push(network.first);
      four.lasts.push(network.last);
    } else {
      six.firsts.push(...splitWords(network.first));
      six.lasts.push(...splitWords(network.last));
    }
  }
  return {
    four: uniteFour(Uint32Array.from(four.firsts), Uint32Array.from(four.lasts)),
    six: uniteSix(Uint32Array.from(six.firsts), Uint32Array.from(six.lasts)),
  };
}

/** The set of a list of networks and addresses as people write them. What cannot be read is left out. */
export function readAddressSet(texts: readonly string[]): AddressSet {
  const [four, six] = [room(texts.length), room(texts.length * WORDS)];
  const scanned = newScanned();
  for (const text of texts) {
    if (!scanNetwork(text, scanned)) continue;
    const into = scanned.family === 4 ? four : six;
    for (let word = 0; word < (scanned.family === 4 ? 1 : WORDS); word++) {
      into.firsts[into.used] = scanned.first[word] ?? 0;
      into.lasts[into.used] = scanned.last[word] ?? 0;
      into.used++;
    }
  }
  const used = ({ firsts, lasts, used: end }: Room) => [firsts.slice(0, end), lasts.slice(0, end)] as const;
  return { four: uniteFour(...used(four)), six: uniteSix(...used(six)) };
}

/** Places for words; memory that is not written to costs nothing. */
type Room = {
  readonly firsts: Uint32Array<ArrayBuffer>;
  readonly lasts: Uint32Array<ArrayBuffer>;
  used: number;
};

function room(words: number): Room {
  return { firsts: new Uint32Array(words), lasts: new Uint32Array(words), used: 0 };
}

/** Everything that is in one of the sets. Each range is moved a few times, whatever their number. */
export function uniteAddressSets(sets: readonly AddressSet[]): AddressSet {
  const [only] = sets;
  if (only !== undefined && sets.length === 1) return only;
  const [four, six] = [sets.map((set) => set.four), sets.map((set) => set.six)];
  return {
    four: uniteFour(together(four, "firsts"), together(four, "lasts")),
    six: uniteSix(together(six, "firsts"), together(six, "lasts")),
  };
}

/** True when the set holds the address: some two looks for each halving of the list. */
export function addressSetContains(set: AddressSet, address: Address): boolean {
  if (address.family === 4) {
    const { firsts, lasts } = set.four;
    const index = countFour(firsts, address.value) - 1;
    return index >= 0 && address.value <= (lasts[index] ?? -1);
  }
  const { firsts, lasts } = set.six;
  if (firsts.length === 0) return false;
  const words = splitWords(address.value);
  const index = countSix(firsts, words) - 1;
  return index >= 0 && compareWords(words, 0, lasts, index * WORDS) <= 0;
}

/** True when the set holds any address of the family. */
export function hasFamily(set: AddressSet, family: Family): boolean {
  return rangesOfFamily(set, family).firsts.length > 0;
}

/** True when it holds every address of the family. */
export function holdsWholeFamily(set: AddressSet, family: Family): boolean {
  const { firsts, lasts } = rangesOfFamily(set, family);
  const size = family === 4 ? 1 : WORDS;
  if (firsts.length !== size) return false;
  for (let word = 0; word < size; word++) if (firsts[word] !== 0 || lasts[word] !== TOP_OF_WORD) return false;
  return true;
}

/**
 * Text that only equal sets share: of a short list what is in it, of a long one which list it is, so that the text stays
 * short. Two long lists that happen to be equal have different keys.
 */
export function addressSetKey(set: AddressSet): string {
  const { four, six } = set;
  if (four.firsts.length + six.firsts.length > MOST_WORDS_IN_KEY) {
    const number = numbersOfLongSets.get(set) ?? ++longSets;
    numbersOfLongSets.set(set, number);
    return `#${number}`;
  }
  return [four.firsts, four.lasts, six.firsts, six.lasts].map((it) => Array.from(it).join()).join("/");
}

const MOST_WORDS_IN_KEY = 1_024;
const numbersOfLongSets = new WeakMap<AddressSet, number>();
let longSets = 0;

function rangesOfFamily(set: AddressSet, family: Family): Ranges {
  return family === 4 ? set.four : set.six;
}

/** The set as text ranges, for people and tests. */
export function formatAddressSet(set: AddressSet): string[] {
  return [
    ...rangesOf(set.four, 1, (words, at): Address => ({ family: 4, value: words[at] ?? 0 })),
    ...rangesOf(set.six, WORDS, (words, at): Address => ({ family: 6, value: joinWords(words, at) })),
  ].map(([first, last]) =>
    first.value === last.value ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`,
  );
}

function rangesOf(
  { firsts, lasts }: Ranges,
  size: number,
  read: (words: ArrayLike<number>, at: number) => Address,
): (readonly [Address, Address])[] {
  return Array.from(
    { length: firsts.length / size },
    (_, index) => [read(firsts, index * size), read(lasts, index * size)] as const,
  );
}

/** How many of the sorted addresses are not above the given one. */
export function countFour(sorted: ArrayLike<number>, value: number): number {
  return countWhile(sorted.length, (index) => (sorted[index] ?? 0) <= value);
}

/** The same for IPv6. */
export function countSix(sorted: ArrayLike<number>, words: ArrayLike<number>): number {
  return countWhile(sorted.length / WORDS, (index) => compareWords(sorted, index * WORDS, words, 0) <= 0);
}

function countWhile(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function together(ranges: readonly Ranges[], key: keyof Ranges): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(ranges.reduce((sum, it) => sum + it[key].length, 0));
  let at = 0;
  for (const it of ranges) {
    words.set(it[key], at);
    at += it[key].length;
  }
  return words;
}

/**
 * First and last addresses are sorted each on their own, which is all that a union needs: after as many ends as
 * beginnings, every range that began has ended, and a gap may follow.
 */
function uniteFour(firsts: Uint32Array<ArrayBuffer>, lasts: Uint32Array<ArrayBuffer>): Ranges {
  if (firsts.length === 0) return NO_RANGES;
  firsts.sort();
  lasts.sort();
  let kept = 0;
  for (let index = 0; index < firsts.length; index++) {
    const last = lasts[index] ?? 0;
    const next = firsts[index + 1];
    if (next !== undefined && next <= last + 1) continue;
    lasts[kept] = last;
    kept++;
    if (next !== undefined) firsts[kept] = next;
  }
  return { firsts: firsts.slice(0, kept), lasts: lasts.slice(0, kept) };
}

/** The same for IPv6. */
function uniteSix(unsortedFirsts: Uint32Array<ArrayBuffer>, unsortedLasts: Uint32Array<ArrayBuffer>): Ranges {
  if (unsortedFirsts.length === 0) return NO_RANGES;
  const [firsts, lasts] = [sortWords(unsortedFirsts), sortWords(unsortedLasts)];
  let kept = 0;
  for (let at = 0; at < firsts.length; at += WORDS) {
    const isEnd = at + WORDS === firsts.length;
    if (!isEnd && !isAfterGap(firsts, at + WORDS, lasts, at)) continue;
    lasts.copyWithin(kept, at, at + WORDS);
    kept += WORDS;
    if (!isEnd) firsts.copyWithin(kept, at + WORDS, at + 2 * WORDS);
  }
  return { firsts: firsts.slice(0, kept), lasts: lasts.slice(0, kept) };
}

/** True when at least one address lies between the end of one range and the beginning of another. */
function isAfterGap(firsts: Uint32Array, first: number, lasts: Uint32Array, last: number): boolean {
  if (compareWords(firsts, first, lasts, last) <= 0) return false;
  // It is above: it follows at once exactly when it is the other plus one.
  for (let word = WORDS - 1; word >= 0; word--) {
    const [end, begin] = [lasts[last + word] ?? 0, firsts[first + word] ?? 0];
    if (end === TOP_OF_WORD && begin === 0) continue;
    if (begin !== end + 1) return true;
    for (let above = 0; above < word; above++) if (lasts[last + above] !== firsts[first + above]) return true;
    return false;
  }
  return true;
}
