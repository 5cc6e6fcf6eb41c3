import type { Finding } from "../../../lib/model/finding.ts";
import { wrap } from "./columns.ts";
import type { Stream } from "./terminal.ts";

/**
 * Findings with their fix, the worst first. Those that say the same of one object, and are mended in one way (what stands
 * before the details of the fix), stand under one heading.
 */
export function formatFindings(findings: readonly Finding[], stream: Stream): string {
  const { colors } = stream;
  const color = { error: colors.red, warning: colors.yellow, info: colors.cyan } as const;
  const rank = { error: 0, warning: 1, info: 2 } as const;
  const sorted = [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
  const groups = Map.groupBy(
    sorted,
    (it) => `${it.severity} ${it.code} ${it.object} ${it.fix.split(":")[0] ?? ""}`,
  );
  return [...groups.values()]
    .flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const bullet = same.length === 1 ? "" : "- ";
      return [
        `  ${color[first.severity](first.severity)} ${first.object} (${first.code})`,
        ...same.map((it) => wrap(`${bullet}${it.message}`, "      ", stream)),
        ...formatFixes(same, stream),
      ];
    })
    .join("\n");
}

/** Fixes can be long (patches, rules): of several different ones the first is shown. */
function formatFixes(same: readonly Finding[], stream: Stream): readonly string[] {
  const [first, ...others] = [...new Set(same.map((it) => it.fix).filter((it) => it !== ""))];
  if (first === undefined) return [];
  const more =
    others.length === 0 ? "" : ` (${others.length} more, one for each line above: -o json shows them)`;
  return [wrap(`Fix: ${first}${more}`, "      ", stream)];
}
