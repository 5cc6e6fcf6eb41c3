import type { Report } from "../../../lib/model/report.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { readDetail } from "../arguments/read-detail.ts";
import { nodeTriggers } from "./node-triggers.ts";
import { printReport } from "../output/print-report.ts";
import { withCluster } from "./with-cluster.ts";

/** Plans, prints the plan, and answers it. */
export async function runPlan(invocation: Invocation, context: CliContext): Promise<Report> {
  const triggers = nodeTriggers(invocation.list("node"));
  const detail = readDetail(invocation);
  return withCluster(invocation, context, async (session) => {
    const { settings, origin, othersSettings, connection, deadline } = session;
    const ports = { settings, origin, ...clusterPorts(connection), clock };
    const { report } = await reconcile({ triggers, mode: "plan", ...othersSettings }, ports, deadline());
    await printReport(report, connection.reached, invocation.global.output, context.terminal.out, detail);
    return report;
  });
}
