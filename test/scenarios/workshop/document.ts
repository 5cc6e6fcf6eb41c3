/** docs/workshop.md as commands and what they print. */

/** One fenced block of commands, and the block of output that follows it. */
export type Step = {
  /** Line of the first command in the document, counted from 1. */
  readonly line: number;
  readonly commands: string;
  readonly output?: Output;
};

export type Output = {
  /** Lines of the document between the fences: from, to (exclusive), counted from 0. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
};

/**
 * The steps of a Markdown text, in order: each `sh` block is one, a `text` block is the output of the step before it.
 * @throws Error for every other fenced block: what is fenced must be run or compared.
 */
export function stepsOf(markdown: string): readonly Step[] {
  const lines = markdown.split("\n");
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const language = /^\s*(?:`{3,}|~{3,})\s*(.*)$/.exec(lines[at] ?? "")?.[1];
    if (language === undefined) continue;
    const from = at + 1;
    const to = lines.indexOf("```", from);
    if (to === -1) throw new Error(`line ${from}: this block is not closed`);
    const content = lines.slice(from, to);
    const last = steps.at(-1);
    if (language === "sh") steps.push({ line: from + 1, commands: content.join("\n") });
    else if (language === "text" && last !== undefined && last.output === undefined)
      steps[steps.length - 1] = { ...last, output: { from, to, lines: content } };
    else if (language === "text") throw new Error(`line ${from}: there is no command before this output`);
    else
      throw new Error(`line ${from}: a block is sh (it is run) or text (it is compared), not "${language}"`);
    at = to;
  }
  return steps;
}

/** The document with what was really printed; outputs that leave something out stay as they are. */
export function withOutputs(markdown: string, printed: readonly (string | undefined)[]): string {
  const lines = markdown.split("\n");
  for (const [index, { output }] of [...stepsOf(markdown).entries()].reverse()) {
    const text = printed[index];
    if (output === undefined || text === undefined || output.lines.includes(LEFT_OUT)) continue;
    lines.splice(output.from, output.to - output.from, ...linesOf(text));
  }
  return lines.join("\n");
}

/** A line that stands for any number of lines, none included. */
export const LEFT_OUT = "...";

/**
 * What was printed, told as the document tells it: equal to the document's lines when they say the same. Three things do not
 * count: blanks at the end of a line or of the text, what a line `...` leaves out, and which UID an object or port the server has.
 */
export function asDocumented(printed: string, documented: readonly string[]): readonly string[] {
  const [actual, wanted] = [linesOf(printed), linesOf(documented.join("\n"))];
  return matches(actual.map(withoutUid), wanted.map(withoutUid)) ? wanted : actual;
}

export function linesOf(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}

function withoutUid(line: string): string {
  return line
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT");
}

function matches(actual: readonly string[], documented: readonly string[]): boolean {
  const [first, ...others] = documented;
  if (first === undefined) return actual.length === 0;
  if (first !== LEFT_OUT) return actual[0] === first && matches(actual.slice(1), others);
  return Array.from({ length: actual.length + 1 }, (_, skipped) => actual.slice(skipped)).some((left) =>
    matches(left, others),
  );
}
