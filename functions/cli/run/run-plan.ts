import type { Report } from "../../../lib/model/report.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { readDetail } from "../arguments/read-detail.ts";
import { nodeTriggers } from "./node-triggers.ts";
import { formatReport } from "../output/format-report.ts";
import { printResult } from "../output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

/** Plans, prints the plan, and answers it. */
export async function runPlan(invocation: Invocation, context: CliContext): Promise<Report> {
  const triggers = nodeTriggers(invocation.list("node"));
  const detail = readDetail(invocation);
  const { report } = await withCluster(invocation, context, ({ settings, connection, deadline }) =>
    reconcile({ triggers, mode: "plan" }, { settings, ...clusterPorts(connection), clock }, deadline()),
  );
  await printResult(report, invocation.global.output, context.terminal.out, (it, out) =>
    formatReport(it, out, detail),
  );
  return report;
}
