import { readFileSync } from "node:fs";
import { PROMISES, type Held } from "./promises.ts";
import { table } from "./table.ts";

const INTRODUCTION = `# Promises

What we promise, the tests that hold it, and where each promise ends. Written by \`npm run docs\` from
\`functions/local/docs/promises.ts\`; a promise whose test is gone cannot be written. Scenarios are those of
[needs.md](needs.md), by number. Tests are counted as they stand in the file; a table of cases counts as one.
Laws draw their cases at random (\`LAW_RUNS\` sets how many, everywhere).
`;

/** docs/promises.md. @throws Error when a promise names a test that is not there. */
export function promisesPage(): string {
  const rows = PROMISES.map((it) => [it.scenario?.toString() ?? "", it.promise, heldBy(it), it.limit]);
  return `${INTRODUCTION}\n${table(["scenario", "promise", "held by", "limit"], rows)}\n`;
}

function heldBy({ promise, held }: Held): string {
  return held
    .map(([file, title]) => {
      const text = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
      const tests = [...text.matchAll(/\btest(?:\.each[^]*?\))?\(/g)].length;
      if (tests === 0 || (title !== undefined && !text.includes(title)))
        throw new Error(
          `"${promise}" is held by no test: ${file}${title === undefined ? "" : `, "${title}"`}`,
        );
      const count = title === undefined ? `${tests} ${tests === 1 ? "test" : "tests"}` : `“${title}”`;
      return `[${file.split("/").slice(1).join("/")}](../${file}) (${count})`;
    })
    .join(", ");
}
