import { adopt, type AdoptRequest } from "../../../lib/adopt/adopt.ts";
import { removeOrphans } from "../../../lib/adopt/remove-orphans.ts";
import type { Report } from "../../../lib/model/report.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { parseDuration } from "../input/duration.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { nameOfCluster } from "../output/name-of-cluster.ts";
import { formatReportOf, printReport } from "../output/print-report.ts";
import { finishMove } from "./finish-move.ts";
import { readAdoptRequest, type AskedFor } from "./read-adopt-request.ts";
import { withCluster, type Session } from "./with-cluster.ts";

export async function runAdopt(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const asked = readAdoptRequest(invocation);
  const wait = invocation.text("wait");
  const waitMilliseconds = wait === undefined ? undefined : parseDuration(wait, "--wait");
  const work = async (session: Session) => {
    const { reached } = session.connection;
    const answer = async (report: Report) => {
      await printReport(report, reached, invocation.global.output, context.terminal.out);
      return exitCodeOf(report);
    };
    if (!invocation.flag("yes")) {
      const plan = await carryOut(asked, "plan", session);
      if (!plan.actions.some((it) => it.outcome === "planned")) return answer(plan);
      context.terminal.err.write(`${formatReportOf(plan, reached, context.terminal.err)}\n\n`);
      await confirm(questionFor(asked, nameOfCluster(reached)), context.terminal, session.interruption.asked);
    }
    const done = await carryOut(asked, "apply", session);
    if (waitMilliseconds === undefined || asked.kind === "orphans") return answer(done);
    return answer(await finishMove(done, asked.request, session, waitMilliseconds));
  };
  return withCluster(invocation, context, work, "writes");
}

function carryOut(asked: AskedFor, mode: AdoptRequest["mode"], session: Session): Promise<Report> {
  const ports = { settings: session.settings, ...clusterPorts(session.connection) };
  return asked.kind === "orphans"
    ? removeOrphans(mode, ports, session.deadline())
    : adopt({ ...asked.request, mode }, ports, session.deadline());
}

function questionFor(asked: AskedFor, cluster: string): string {
  if (asked.kind === "orphans") return `Remove these in ${cluster}?`;
  return asked.request.to === undefined ? `Adopt these in ${cluster}?` : `Give these of ${cluster} back?`;
}
