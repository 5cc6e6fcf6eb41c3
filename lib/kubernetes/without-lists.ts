/**
 * JSON text without the lists that nobody will look at, taken out of the bytes before they are even decoded. The images of a
 * Node are four fifths of it, `managedFields` half of what is left and half of a HostEndpoint.
 *
 * Must never happen: text that parses and means something else. A bare quote stands in no JSON text, so the key is a key.
 * A list of objects ends with the first `}]`, unless these two stand inside a text, or end a list further in. That they stand in
 * no text is seen from what follows: closing brackets, and then a comma and what can only be the beginning of a key, or the end.
 * Where they end a list further in, more is opened in the cut than closed, and what is left does not parse.
 */
export type IgnoredList = {
  /** `"images":[{` */
  readonly opening: Buffer;
};

const closing = Buffer.from("}]");
const [quote, comma, brace, bracket, openBrace] = Buffer.from('",}]{');

/** @param keys of lists that hold objects and nothing else */
export function ignoredLists(keys: readonly string[]): readonly IgnoredList[] {
  return keys.map((it) => ({ opening: Buffer.from(`"${it}":[{`) }));
}

/**
 * Copies `source` without what is inside those lists.
 * @param target has room for all of `source`
 * @returns how many bytes it wrote
 */
export function copyWithoutLists(source: Buffer, lists: readonly IgnoredList[], target: Buffer): number {
  let written = 0;
  let from = 0;
  const next = lists.map(({ opening }) => find(source, opening, 0));
  for (;;) {
    const at = Math.min(...next);
    if (at === Number.POSITIVE_INFINITY) break;
    const number = next.indexOf(at);
    const { opening } = lists[number] as IgnoredList;
    const inside = at + opening.length - 1;
    const end = endOfList(source, inside);
    if (end !== undefined) {
      written += source.copy(target, written, from, inside);
      from = end;
    }
    for (const [index, { opening }] of lists.entries())
      if ((next[index] ?? 0) < (end ?? inside)) next[index] = find(source, opening, end ?? inside);
  }
  return written + source.copy(target, written, from);
}

/** Where the `]` of a list of objects stands; undefined when that is not certain. */
function endOfList(source: Buffer, inside: number): number | undefined {
  const end = source.indexOf(closing, inside) + 1;
  if (end === 0) return undefined;
  let after = end + 1;
  while (source[after] === brace || source[after] === bracket) after += 1;
  if (after === source.length) return end;
  if (source[after] !== comma) return undefined;
  const key = source[after + 1] === openBrace ? after + 2 : after + 1;
  return source[key] === quote && isLetter(source[key + 1]) ? end : undefined;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 32) >= 97 && (byte | 32) <= 122;
}

function find(source: Buffer, needle: Buffer, from: number): number {
  const at = source.indexOf(needle, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}
