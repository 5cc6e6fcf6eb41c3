/**
 * A regular expression of Python's `re` -> the same in JavaScript's unicode mode. For the label filters of
 * hostendpoint-operator; both sides anchor at the start of the key and not at its end.
 *
 * In: a pattern. Out: the pattern, with the spellings that differ exchanged. What JavaScript lacks stays as it is, so that
 * compiling the result fails and says where.
 */
export function translateRegex(python: string): string {
  const { flags, rest } = leadingFlags(python);
  const translated = translateBody(rest);
  return flags === "" ? translated : `(?${flags}:${translated})`;
}

/** `(?i)abc`: Python has flags at the start of the pattern, JavaScript around a part of it. `a` and `u` mean nothing for label keys. */
function leadingFlags(pattern: string): { readonly flags: string; readonly rest: string } {
  const match = /^\(\?([aimsu]+)\)/.exec(pattern);
  if (match === null) return { flags: "", rest: pattern };
  return {
    flags: [...new Set((match[1] ?? "").replace(/[au]/g, ""))].join(""),
    rest: pattern.slice(match[0].length),
  };
}

/** Escapes that mean the same in both, and those that stand for a character that has a meaning of its own. */
const keptEscapes = /[dDwWsSbBnrtfv0-9^$\\.*+?()[\]{}|/ux]/;

function translateBody(pattern: string): string {
  let result = "";
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "\\") {
      result += translateEscape(pattern.charAt(at + 1), inClass);
      at++;
      continue;
    }
    if (!inClass && character === "(") {
      const group = translateGroup(pattern.slice(at));
      result += group.text;
      at += group.length - 1;
      continue;
    }
    if (character === "[" && !inClass) inClass = true;
    else if (character === "]" && inClass) inClass = false;
    result += character;
  }
  return result;
}

function translateEscape(escaped: string, inClass: boolean): string {
  if (!inClass && escaped === "A") return "^";
  if (!inClass && escaped === "Z") return "$";
  if (inClass && escaped === "-") return "\\-";
  // Python's re.escape writes `\-` and `\_`, which JavaScript's unicode mode refuses.
  return escaped === "" || keptEscapes.test(escaped) ? `\\${escaped}` : escaped;
}

function translateGroup(rest: string): { readonly text: string; readonly length: number } {
  const named = /^\(\?P<(\w+)>/.exec(rest);
  if (named !== null) return { text: `(?<${named[1] ?? ""}>`, length: named[0].length };
  const reference = /^\(\?P=(\w+)\)/.exec(rest);
  if (reference !== null) return { text: `\\k<${reference[1] ?? ""}>`, length: reference[0].length };
  return { text: "(", length: 1 };
}
