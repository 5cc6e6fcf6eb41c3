import { adopt } from "../../../lib/adopt/adopt.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { formatReport } from "../output/format-report.ts";
import { printResult } from "../output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

export async function runAdopt(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const names = invocation.arguments;
  const wrong = names.find((it) => !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(it));
  if (wrong !== undefined)
    throw new UsageError(
      `"${wrong}" cannot be the name of a HostEndpoint; give names as "kubectl get hostendpoints" prints them`,
    );
  const report = await withCluster(
    invocation,
    context,
    async ({ settings, connection, deadline, interruption }) => {
      const ports = { settings, cluster: connection.gateway };
      if (!invocation.flag("yes")) {
        const plan = await adopt({ names, mode: "plan" }, ports, deadline());
        if (!plan.actions.some((it) => it.outcome === "planned")) return plan;
        context.terminal.err.write(`${formatReport(plan, context.terminal.err)}\n\n`);
        await confirm("Adopt these?", context.terminal, interruption.asked);
      }
      return adopt({ names, mode: "apply" }, ports, deadline());
    },
  );
  await printResult(report, invocation.global.output, context.terminal.out, formatReport);
  return exitCodeOf(report);
}
