/**
 * `npm run bench`: runs every `*.bench.ts` below this folder, in order, or those whose path holds one of the words given:
 *
 *     npm run bench                      all
 *     npm run bench -- reconcile cli     these
 *
 * Each bench is a process of its own, so that none inherits another's memory or compiled code. It prints its own lines and
 * may hand in rows (bench-row.ts) for the table that closes the run; a bench without rows has one, from its exit code.
 * Exit code 1 when a bound was broken or a bench failed. These are measurements on whatever machine this is; never a test.
 */
import Table from "cli-table3";
import { fork } from "node:child_process";
import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isBenchRow, type BenchRow } from "./bench-row.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);

async function findBenches(): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((it) => it.endsWith(".bench.ts"))
    .filter((it) => words.length === 0 || words.some((word) => it.includes(word)))
    .sort();
}

type Ended = { readonly rows: readonly BenchRow[]; readonly exitCode: number };

function runBench(file: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const rows: BenchRow[] = [];
    const child = fork(join(folder, file), [], { execArgv: ["--expose-gc"] });
    child.on("message", (message) => {
      if (isBenchRow(message)) rows.push(message);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ rows, exitCode: code ?? 1 });
    });
  });
}

const benches = await findBenches();
if (benches.length === 0) {
  process.stderr.write(`no bench matches ${words.join(" ")}\n`);
  process.exit(64);
}
const table = new Table({
  head: ["bench", "work", "measured", "bound", ""],
  style: { head: [], border: [] },
});
let isFine = true;
for (const file of benches) {
  const name = relative(folder, join(folder, file)).replace(/\.bench\.ts$/, "");
  process.stdout.write(`\n== ${name}\n`);
  const { rows, exitCode } = await runBench(file);
  isFine &&= exitCode === 0 && rows.every((it) => it.kept !== false);
  for (const { work, measured, bound, kept } of rows)
    table.push([name, work, measured, bound, verdictOf(kept)]);
  if (rows.length === 0 || exitCode !== 0)
    table.push([name, "its own bounds, above", "", "", exitCode === 0 ? "kept" : `exit code ${exitCode}`]);
}
process.stdout.write(`\n${table.toString()}\n`);
if (!isFine) process.exitCode = 1;

function verdictOf(kept: boolean | undefined): string {
  return kept === undefined ? "" : kept ? "kept" : "BROKEN";
}
