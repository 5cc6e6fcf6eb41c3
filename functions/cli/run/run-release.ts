import { release } from "../../../lib/release/release.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { nodeTriggers } from "./node-triggers.ts";
import { formatReport } from "../output/format-report.ts";
import { printResult } from "../output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

export async function runRelease(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const nodes = invocation.list("node");
  nodeTriggers(nodes);
  const report = await withCluster(
    invocation,
    context,
    async ({ settings, connection, deadline, interruption }) => {
      const ports = { settings, cluster: connection.gateway, clock };
      if (!invocation.flag("yes")) {
        const plan = await release({ nodes, mode: "plan" }, ports, deadline());
        if (plan.actions.length === 0) return plan;
        context.terminal.err.write(`${formatReport(plan, context.terminal.err)}\n\n`);
        await confirm("Give traffic back and remove these?", context.terminal, interruption.asked);
      }
      return release({ nodes, mode: "apply" }, ports, deadline());
    },
  );
  await printResult(report, invocation.global.output, context.terminal.out, formatReport);
  return exitCodeOf(report);
}
