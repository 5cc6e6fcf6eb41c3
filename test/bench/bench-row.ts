/** One line of a bench, and of the table that closes `npm run bench`. */
export type BenchRow = {
  readonly work: string;
  readonly measured: string;
  /** Empty when nothing is promised. */
  readonly bound: string;
  /** Absent when nothing is promised. */
  readonly kept?: boolean;
};

/** Prints a row, and hands it to `npm run bench` when that runs this process. */
export function report(row: BenchRow): void {
  const verdict = row.kept === undefined ? "" : row.kept ? "  kept" : "  BROKEN";
  const bound = row.bound === "" ? "" : `   (${row.bound})`;
  process.stdout.write(`  ${row.work.padEnd(58)} ${row.measured}${bound}${verdict}\n`);
  process.send?.(row);
}

export function isBenchRow(value: unknown): value is BenchRow {
  return (
    typeof value === "object" && value !== null && "work" in value && "measured" in value && "bound" in value
  );
}
