import type { Stream } from "./terminal.ts";

export type Column<Row> = { readonly title: string; readonly value: (row: Row) => string };

const gap = "   ";
/** A column that is cut keeps at least this much. */
const leastWidth = 8;

/**
 * Rows in columns as kubectl prints them. Where they do not fit, the widest columns are cut with an ellipsis; a stream of
 * infinite width gets everything.
 */
export function formatColumns<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
): string {
  const table = [
    columns.map((it) => it.title),
    ...rows.map((row) => columns.map((it) => oneLine(it.value(row)))),
  ];
  const widths = fitWidths(
    columns.map((_, index) => Math.max(...table.map((line) => (line[index] ?? "").length))),
    width - gap.length * (columns.length - 1),
  );
  return table
    .map((line) =>
      line
        .map((cell, index) => cut(cell, widths[index] ?? cell.length).padEnd(widths[index] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join("\n");
}

/** Takes from the widest until all fit. */
export function fitWidths(wanted: readonly number[], available: number): readonly number[] {
  const widths = [...wanted];
  while (widths.reduce((sum, it) => sum + it, 0) > available) {
    const widest = Math.max(...widths);
    if (widest <= leastWidth) break;
    const excess = widths.reduce((sum, it) => sum + it, 0) - available;
    const next = Math.max(leastWidth, ...widths.filter((it) => it < widest));
    const step = Math.max(
      1,
      Math.min(widest - next || 1, Math.ceil(excess / widths.filter((it) => it === widest).length)),
    );
    const index = widths.indexOf(widest);
    widths[index] = Math.max(leastWidth, widest - step);
  }
  return widths;
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Text broken at spaces to the width of a stream, later lines indented. */
export function wrap(text: string, indent: string, stream: Pick<Stream, "width">): string {
  const room = stream.width - indent.length;
  if (!Number.isFinite(room) || room < leastWidth) return indent + text;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((it) => indent + it).join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
