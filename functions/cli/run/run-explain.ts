import { explain } from "../../../lib/explain/explain.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { formatExplanation } from "../output/format-explanation.ts";
import { printResult } from "../output/print-result.ts";
import { withReader } from "./with-reader.ts";

export async function runExplain(invocation: Invocation, context: CliContext): Promise<void> {
  const name = invocation.arguments[0] ?? "";
  const explanation = await withReader(invocation, context, ({ deadline, ...ports }) =>
    explain(name, ports, deadline()),
  );
  await printResult(explanation, invocation.global.output, context.terminal.out, formatExplanation);
}
