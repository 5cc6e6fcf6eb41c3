/** `hepctl reconcile`: once with a question, or again and again without. */
import { UsageError } from "../../../lib/model/errors.ts";
import type { Report } from "../../../lib/model/report.ts";
import { reconcile, type ReconcileRequest } from "../../../lib/reconcile/reconcile.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { parseDuration } from "../input/duration.ts";
import { parseListenAddress, type ListenAddress } from "../input/listen-address.ts";
import { exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { readDetail } from "../arguments/read-detail.ts";
import { nodeTriggers } from "./node-triggers.ts";
import type { Detail } from "../output/format-report.ts";
import { nameOfCluster } from "../output/name-of-cluster.ts";
import { formatReportOf, printReport } from "../output/print-report.ts";
import { openProgress } from "../output/progress.ts";
import { reconcileLoop } from "./reconcile-loop.ts";
import { withCluster, type Session } from "./with-cluster.ts";

export async function runReconcile(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const triggers = nodeTriggers(invocation.list("node"));
  const detail = readDetail(invocation);
  const every = readEvery(invocation);
  const listen = readListen(invocation, every);
  const acceptLoosening = invocation.flag("accept-loosening");
  if (acceptLoosening && every !== undefined)
    throw new UsageError("--accept-loosening is said once, for a plan that was looked at; not with --every");
  const work = async (session: Session) => {
    const answer = async (report: Report) => {
      await printReport(
        report,
        session.connection.reached,
        invocation.global.output,
        context.terminal.out,
        detail,
      );
      return exitCodeOf(report);
    };
    if (every !== undefined)
      return reconcileLoop(
        {
          triggers,
          format: invocation.global.output,
          everyMilliseconds: every ?? session.intervalMilliseconds,
          ...(listen === undefined ? {} : { listen }),
        },
        session,
        context,
        invocation.global.timeoutMilliseconds,
      );
    if (!invocation.flag("yes")) {
      const plan = await run({ triggers, mode: "plan", acceptLoosening }, session);
      const changes = plan.actions.filter((it) => it.outcome === "planned").length;
      if (changes === 0) return answer(plan);
      await mayApply(plan, changes, context, session, detail);
    }
    const progress = await openProgress(context.terminal.err);
    const report = await run(
      { triggers, mode: "apply", acceptLoosening, onProgress: progress.report },
      session,
    ).finally(progress.stop);
    return answer(report);
  };
  return withCluster(invocation, context, work, "writes");
}

/** Null: with the interval of the settings. */
function readEvery(invocation: Invocation): number | null | undefined {
  const text = invocation.text("every");
  if (text !== undefined) return parseDuration(text, "--every");
  return invocation.flag("every") ? null : undefined;
}

function readListen(invocation: Invocation, every: ReturnType<typeof readEvery>): ListenAddress | undefined {
  const text = invocation.text("listen");
  if (text === undefined) return undefined;
  if (every === undefined)
    throw new UsageError("--listen tells of a loop; add --every, or leave --listen out");
  return parseListenAddress(text);
}

async function run(
  request: ReconcileRequest,
  { settings, origin, othersSettings, connection, deadline }: Session,
): Promise<Report> {
  const { report } = await reconcile(
    { ...request, ...othersSettings },
    { settings, origin, ...clusterPorts(connection), clock },
    deadline(),
  );
  return report;
}

/** Shows the plan on stderr and asks; the result on stdout comes after the writes. */
async function mayApply(
  plan: Report,
  changes: number,
  { terminal }: CliContext,
  session: Session,
  detail: Detail,
): Promise<void> {
  if (!terminal.interactive)
    throw new UsageError(
      `there ${changes === 1 ? "is 1 change" : `are ${changes} changes`} to apply and nobody to ask; add --yes to apply without a question, or see them with "hepctl plan"`,
    );
  const { reached } = session.connection;
  terminal.err.write(`${formatReportOf(plan, reached, terminal.err, detail)}\n\n`);
  await confirm(
    `Apply these changes to ${nameOfCluster(reached)}? The plan is computed anew right before.`,
    terminal,
    session.interruption.asked,
  );
}
