import { UsageError } from "../../../lib/model/errors.ts";
import { confirmDeletes } from "../../../lib/reconcile/confirm-deletes.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import { parseUntil } from "../../shared/parse-until.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { nodeTriggers } from "./node-triggers.ts";
import { formatReport } from "../output/format-report.ts";
import { printResult } from "../output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

export async function runConfirmDeletes(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const text = invocation.text("until");
  if (text === undefined)
    throw new UsageError("until when does the confirmation hold? add --until 1h (at most 24h)");
  const until = parseUntil(text);
  const nodes = invocation.list("node");
  nodeTriggers(nodes);
  const report = await withCluster(
    invocation,
    context,
    async ({ settings, origin, othersSettings, connection, deadline, interruption }) => {
      const ports = { settings, origin, ...clusterPorts(connection), clock };
      const request = { until, nodes, ...othersSettings };
      if (!invocation.flag("yes")) {
        const plan = await confirmDeletes({ ...request, mode: "plan" }, ports, deadline());
        if (plan.actions.length === 0) return plan;
        context.terminal.err.write(`${formatReport(plan, context.terminal.err)}\n\n`);
        await confirm("May these endpoints be deleted?", context.terminal, interruption.asked);
      }
      return confirmDeletes({ ...request, mode: "apply" }, ports, deadline());
    },
  );
  await printResult(report, invocation.global.output, context.terminal.out, formatReport);
  return exitCodeOf(report);
}
