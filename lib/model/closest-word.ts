/**
 * The word that somebody meant: the same but for case, or with a few letters more, less or other ones.
 *
 * @param tolerantFrom length from which on letters may be wrong; shorter words are told apart by each of their letters
 */
export function closestWord(word: string, known: readonly string[], tolerantFrom = 4): string | undefined {
  const typed = word.toLowerCase();
  const same = known.find((it) => it.toLowerCase() === typed);
  if (same !== undefined) return same;
  let best: { readonly word: string; readonly wrong: number } | undefined;
  for (const it of known) {
    const most = it.length < tolerantFrom ? 0 : allowance(it);
    if (most === 0 || Math.abs(it.length - word.length) > most) continue;
    const wrong = distance(it.toLowerCase(), typed);
    if (wrong <= most && (best === undefined || wrong < best.wrong)) best = { word: it, wrong };
  }
  return best?.word;
}

/** Letters that may be wrong in a word before it is another word. */
function allowance({ length }: string): number {
  return length >= 9 ? 3 : length >= 4 ? 2 : 1;
}

/** Letters to insert, remove or replace. Called for words of nearly the same length only. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}
