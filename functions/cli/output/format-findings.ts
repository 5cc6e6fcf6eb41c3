import type { Finding } from "../../../lib/model/finding.ts";
import { wrap } from "./columns.ts";
import type { Stream } from "./terminal.ts";

/** Findings with their fix, the worst first. */
export function formatFindings(findings: readonly Finding[], stream: Stream): string {
  const { colors } = stream;
  const color = { error: colors.red, warning: colors.yellow, info: colors.cyan } as const;
  const rank = { error: 0, warning: 1, info: 2 } as const;
  return [...findings]
    .sort((a, b) => rank[a.severity] - rank[b.severity])
    .flatMap((it) => [
      `  ${color[it.severity](it.severity)} ${it.object} (${it.code})`,
      wrap(it.message, "      ", stream),
      ...(it.fix === "" ? [] : [wrap(`Fix: ${it.fix}`, "      ", stream)]),
    ])
    .join("\n");
}
