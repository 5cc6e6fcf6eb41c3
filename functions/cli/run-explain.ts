import { explain } from "../../lib/explain/explain.ts";
import type { CliContext, Invocation } from "./command.ts";
import { formatExplanation } from "./output/format-explanation.ts";
import { printResult } from "./output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

export async function runExplain(invocation: Invocation, context: CliContext): Promise<void> {
  const name = invocation.arguments[0] ?? "";
  const explanation = await withCluster(invocation, context, ({ settings, connection, deadline }) =>
    explain(name, { settings, cluster: connection.gateway }, deadline()),
  );
  await printResult(explanation, invocation.global.output, context.terminal.out, formatExplanation);
}
