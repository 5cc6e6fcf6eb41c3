import { release } from "../../../lib/release/release.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { Report } from "../../../lib/model/report.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { nodeTriggers } from "./node-triggers.ts";
import { nameOfCluster } from "../output/name-of-cluster.ts";
import { formatReportOf, printReport } from "../output/print-report.ts";
import { withCluster } from "./with-cluster.ts";

export async function runRelease(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const nodes = invocation.list("node");
  nodeTriggers(nodes);
  return withCluster(
    invocation,
    context,
    async ({ settings, connection, deadline, interruption }) => {
      const { reached } = connection;
      const answer = async (report: Report) => {
        await printReport(report, reached, invocation.global.output, context.terminal.out);
        return exitCodeOf(report);
      };
      const ports = { settings, cluster: connection.gateway, clock };
      if (!invocation.flag("yes")) {
        const plan = await release({ nodes, mode: "plan" }, ports, deadline());
        if (plan.actions.length === 0) return answer(plan);
        context.terminal.err.write(`${formatReportOf(plan, reached, context.terminal.err)}\n\n`);
        await confirm(
          `Give traffic back and remove these in ${nameOfCluster(reached)}?`,
          context.terminal,
          interruption.asked,
        );
      }
      return answer(await release({ nodes, mode: "apply" }, ports, deadline()));
    },
    "writes",
  );
}
