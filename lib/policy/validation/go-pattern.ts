/** As deep as anyone nests groups. */
const MAXIMUM_DEPTH = 1_000;
const MAXIMUM_REPEAT = 1_000;
const CLASS_ESCAPES = /^[dDsSwW]$/;
const CLASSES =
  /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;

/**
 * True for a regular expression that Go compiles: no lookaround, no back references, bounded repeats.
 * Source: the syntax of RE2.
 */
export function isGoPattern(text: string): boolean {
  let depth = 0;
  let position = 0;
  let repeatable = false;
  while (position < text.length) {
    const rest = text.slice(position, position + 64);
    const character = text[position] ?? "";
    if (character === "(") {
      const group = /^\((?:\?(?:P?<[A-Za-z0-9_]+>|([imsU]*(?:-[imsU]+)?)([:)])))?/.exec(rest);
      if (rest.startsWith("(?") && (group?.[0].length ?? 0) < 3) return false;
      const [whole = "(", flags, end] = group ?? [];
      if (flags === "" && end === ")") return false;
      position += whole.length;
      repeatable = false;
      if (end !== ")" && ++depth > MAXIMUM_DEPTH) return false;
    } else if (character === ")") {
      if (--depth < 0) return false;
      position++;
      repeatable = true;
    } else if (character === "[") {
      const next = endOfClass(text, position);
      if (next === undefined) return false;
      position = next;
      repeatable = true;
    } else if (character === "\\") {
      const next = endOfEscape(text, position);
      if (next === undefined) return false;
      repeatable = !/^\\[AzbBQ]/.test(rest);
      position = next;
      if (/^\\[AzbB]/.test(rest)) repeatable = true;
    } else {
      const repeat = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(rest);
      if (repeat === null) {
        position++;
        repeatable = character !== "|";
      } else {
        const [whole, least = "0", most = ""] = repeat;
        if (!repeatable || Number(least) > MAXIMUM_REPEAT || Number(most) > MAXIMUM_REPEAT) return false;
        if (most !== "" && Number(most) < Number(least)) return false;
        position += whole.length;
        repeatable = false;
      }
    }
  }
  return depth === 0;
}

/** Where the escape ends; `undefined` for one that RE2 does not know. */
function endOfEscape(text: string, start: number): number | undefined {
  const rest = text.slice(start, start + 64);
  if (rest.startsWith("\\Q")) {
    const end = text.indexOf("\\E", start);
    return end < 0 ? text.length : end + 2;
  }
  const match =
    /^\\(?:[pP](?:[LMNPSZC]|\{\^?[A-Za-z_]+\})|x(?:[0-9A-Fa-f]{2}|\{0*(?:10)?[0-9A-Fa-f]{1,4}\}|\{0*[0-9A-Fa-f]{5}\})|0[0-7]{0,2}|[1-7][0-7]{1,2}|[AzbBdDsSwWCafnrtvE]|[^A-Za-z0-9\s]|[ ])/.exec(
      rest,
    );
  return match === null ? undefined : start + match[0].length;
}

/** Where a class in brackets ends; `undefined` when it never does, or holds a range that runs backwards. */
function endOfClass(text: string, start: number): number | undefined {
  let position = start + 1;
  if (text[position] === "^") position++;
  let isFirst = true;
  while (position < text.length) {
    if (text[position] === "]" && !isFirst) return position + 1;
    isFirst = false;
    if (text.startsWith("[:", position)) {
      const named = CLASSES.exec(text.slice(position, position + 16));
      if (named !== null) {
        position += named[0].length;
        continue;
      }
      if (text.indexOf(":]", position) > 0) return undefined;
    }
    const low = endOfMember(text, position);
    if (low === undefined) return undefined;
    const isRange = text[low] === "-" && text[low + 1] !== "]" && low + 1 < text.length;
    if (!isRange) {
      position = low;
      continue;
    }
    const high = endOfMember(text, low + 1);
    if (high === undefined) return undefined;
    const [from, to] = [text.slice(position, low), text.slice(low + 1, high)];
    if (from.length > 1 && CLASS_ESCAPES.test(from.slice(1))) return undefined;
    if (from.length === 1 && to.length === 1 && from > to) return undefined;
    position = high;
  }
  return undefined;
}

function endOfMember(text: string, position: number): number | undefined {
  if (text[position] !== "\\") return position + 1;
  return text[position + 1] === undefined ? undefined : endOfEscape(text, position);
}
