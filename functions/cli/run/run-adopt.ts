import { adopt } from "../../../lib/adopt/adopt.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import type { Report } from "../../../lib/model/report.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { nameOfCluster } from "../output/name-of-cluster.ts";
import { formatReportOf, printReport } from "../output/print-report.ts";
import { withCluster } from "./with-cluster.ts";

export async function runAdopt(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const names = invocation.arguments;
  const wrong = names.find((it) => !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(it));
  if (wrong !== undefined)
    throw new UsageError(
      `"${wrong}" cannot be the name of a HostEndpoint; give names as "kubectl get hostendpoints" prints them`,
    );
  return withCluster(
    invocation,
    context,
    async ({ settings, connection, deadline, interruption }) => {
      const { reached } = connection;
      const answer = async (report: Report) => {
        await printReport(report, reached, invocation.global.output, context.terminal.out);
        return exitCodeOf(report);
      };
      const ports = { settings, cluster: connection.gateway };
      if (!invocation.flag("yes")) {
        const plan = await adopt({ names, mode: "plan" }, ports, deadline());
        if (!plan.actions.some((it) => it.outcome === "planned")) return answer(plan);
        context.terminal.err.write(`${formatReportOf(plan, reached, context.terminal.err)}\n\n`);
        await confirm(`Adopt these in ${nameOfCluster(reached)}?`, context.terminal, interruption.asked);
      }
      return answer(await adopt({ names, mode: "apply" }, ports, deadline()));
    },
    "writes",
  );
}
