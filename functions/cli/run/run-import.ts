import { readCalicoSettings } from "../../../lib/import/read-calico-settings.ts";
import type { ImportedSettings } from "../../../lib/import/import-settings.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { printResult } from "../output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

export async function runImport(invocation: Invocation, context: CliContext): Promise<void> {
  const imported = await withCluster(invocation, context, ({ connection, deadline }) =>
    readCalicoSettings(connection.gateway, deadline()),
  );
  const { output } = invocation.global;
  if (output === "table") context.terminal.out.write(`${formatImported(imported)}\n`);
  else
    await printResult(
      { endpoints: imported.endpoints.map((it) => it.entry) },
      output,
      context.terminal.out,
      () => "",
    );
}

/** YAML with comments; values in flow style, where JSON is YAML. */
export function formatImported({ endpoints, notes }: ImportedSettings): string {
  return [
    ...notes.map((it) => `# ${it}`),
    ...(endpoints.length === 0
      ? ["# There is no endpoint to write down: the default entry applies."]
      : ["endpoints:"]),
    ...endpoints.flatMap(({ entry, comments }) => [
      ...comments.map((it) => `  # ${it}`),
      ...Object.entries(entry).map(
        ([key, value], index) => `  ${index === 0 ? "- " : "  "}${key}: ${JSON.stringify(value)}`,
      ),
    ]),
  ].join("\n");
}
