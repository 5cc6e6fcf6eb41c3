/**
 * IPv6 addresses as four words of 32 bits, the highest first, one after the other in one array: a big whole number for
 * each of a million addresses costs more time and memory than all the rest.
 */

/** Words of one address. */
export const WORDS = 4;
/** Up to here a list is sorted by insertion; counting digits pays only above. */
const FEW = 64;
const DIGIT_BITS = 16;
const DIGITS_PER_WORD = 32 / DIGIT_BITS;

/** The four words of an address. */
export function splitWords(value: bigint): readonly number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number(BigInt.asUintN(32, value >> shift)));
}

/** The address of four words, from `at` on. */
export function joinWords(words: ArrayLike<number>, at = 0): bigint {
  let value = 0n;
  for (let word = 0; word < WORDS; word++) value = (value << 32n) | BigInt(words[at + word] ?? 0);
  return value;
}

/** Negative, zero, positive: how the address at `a` of one list stands to that at `b` of another. Counted in words. */
export function compareWords(
  left: ArrayLike<number>,
  a: number,
  right: ArrayLike<number>,
  b: number,
): number {
  for (let word = 0; word < WORDS; word++) {
    const difference = (left[a + word] ?? 0) - (right[b + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Sorts addresses. In at most eight passes, each of which moves every address once: no comparison at all. Digits that all
 * addresses share, such as those of a common prefix, are passed over.
 *
 * @returns the same array, or another one of its length: the given one is used up
 */
export function sortWords(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const count = words.length / WORDS;
  if (count <= FEW) return insertionSort(words);
  let [from, to] = [words, new Uint32Array(words.length)];
  const places = new Uint32Array(2 ** DIGIT_BITS);
  for (let digit = 0; digit < WORDS * DIGITS_PER_WORD; digit++) {
    const word = WORDS - 1 - Math.floor(digit / DIGITS_PER_WORD);
    const shift = (digit % DIGITS_PER_WORD) * DIGIT_BITS;
    places.fill(0);
    for (let at = word; at < from.length; at += WORDS) tally(places, digitOf(from, at, shift));
    if (places[digitOf(from, word, shift)] === count) continue;
    placesOf(places);
    for (let at = 0; at < from.length; at += WORDS) {
      const value = digitOf(from, at + word, shift);
      const place = (places[value] ?? 0) * WORDS;
      tally(places, value);
      for (let it = 0; it < WORDS; it++) to[place + it] = from[at + it] ?? 0;
    }
    [from, to] = [to, from];
  }
  return from;
}

function digitOf(words: Uint32Array, at: number, shift: number): number {
  return ((words[at] ?? 0) >>> shift) & (2 ** DIGIT_BITS - 1);
}

function tally(counts: Uint32Array, value: number): void {
  counts[value] = (counts[value] ?? 0) + 1;
}

/** Turns how many there are of each digit into where the first of them goes. */
function placesOf(counts: Uint32Array): void {
  let place = 0;
  for (let value = 0; value < counts.length; value++) {
    const count = counts[value] ?? 0;
    counts[value] = place;
    place += count;
  }
}

function insertionSort(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  for (let at = WORDS; at < words.length; at += WORDS) {
    let place = at;
    while (place > 0 && compareWords(words, place - WORDS, words, at) > 0) place -= WORDS;
    if (place === at) continue;
    const moved = words.slice(at, at + WORDS);
    words.copyWithin(place + WORDS, place, at);
    words.set(moved, place);
  }
  return words;
}
