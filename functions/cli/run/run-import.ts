import { OTHERS } from "../../../lib/adopt/adopt-request.ts";
import { readSource } from "../../../lib/import/read-source.ts";
import type { ImportedSettings } from "../../../lib/import/imported-settings.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { versioned } from "../../shared/versioned.ts";
import { translateRegex } from "../settings/translate-regex.ts";
import { withCluster } from "./with-cluster.ts";

export async function runImport(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const from = OTHERS.find((it) => it === invocation.text("from")) ?? "auto";
  const imported = await withCluster(invocation, context, ({ settings, connection, deadline }) =>
    readSource({ from, owner: settings.id, translate: translateRegex }, connection.gateway, deadline()),
  );
  const { out, err } = context.terminal;
  if (invocation.global.output === "json") {
    for (const it of [...imported.notes, ...imported.problems]) err.write(`note: ${it}\n`);
    const endpoints = imported.endpoints.map((it) => it.entry);
    out.write(`${JSON.stringify(versioned({ ...imported.settings, endpoints }), null, 2)}\n`);
  } else out.write(`${formatImported(imported)}\n`);
  return imported.problems.length === 0 ? EXIT.ok : EXIT.attention;
}

/** YAML with comments; values in flow style, where JSON is YAML. */
export function formatImported({ settings, endpoints, notes, problems }: ImportedSettings): string {
  return [
    ...notes.map((it) => `# ${it}`),
    ...problems.map((it) => `# NOT CARRIED OVER: ${it}`),
    ...Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
    "endpoints:",
    ...endpoints.flatMap(({ entry, comments }) => [
      ...comments.map((it) => `  # ${it}`),
      ...Object.entries(entry).map(
        ([key, value], index) => `  ${index === 0 ? "- " : "  "}${key}: ${JSON.stringify(value)}`,
      ),
    ]),
  ].join("\n");
}
