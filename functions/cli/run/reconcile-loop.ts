/**
 * `hepctl reconcile --every`: a round, a pause, again; until the person or the system says stop.
 *
 * Must never happen: a round that is cut off by a first signal, or a loop that ends because one round failed.
 */
import type { Report } from "../../../lib/model/report.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, OutputFormat } from "../arguments/command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatReport } from "../output/format-report.ts";
import { openLog, type Log } from "../output/log.ts";
import type { Session } from "./with-cluster.ts";

export type LoopRequest = {
  readonly triggers: readonly Trigger[];
  readonly everyMilliseconds: number;
  readonly format: OutputFormat;
};

export async function reconcileLoop(
  request: LoopRequest,
  session: Session,
  context: CliContext,
  timeoutMilliseconds: number,
): Promise<ExitCode> {
  const { interruption } = session;
  const log = openLog(context.terminal.err, session.logLevel, () => clock.now());
  log.info("started", {
    everySeconds: request.everyMilliseconds / 1000,
    owner: session.settings.id,
    stage: session.settings.stage,
  });
  while (!interruption.asked.aborted) {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMilliseconds), interruption.forced]);
    const report = await round(request, session, log, signal);
    if (report !== undefined) await print(report, request.format, context);
    await clock.sleep(request.everyMilliseconds, interruption.asked).catch(() => {});
  }
  log.info("stopped");
  return EXIT.ok;
}

/** One line for each round, whatever came of it. */
async function round(
  request: LoopRequest,
  session: Session,
  log: Log,
  signal: AbortSignal,
): Promise<Report | undefined> {
  const started = clock.now();
  try {
    const { report } = await reconcile(
      { triggers: request.triggers, mode: "apply" },
      { settings: session.settings, ...clusterPorts(session.connection), clock },
      signal,
    );
    const { counts, status, group } = report;
    const write =
      status === "failed" ? log.error : status === "partial" || status === "withheld" ? log.warn : log.info;
    write("reconciled", { status, group, ...counts, milliseconds: clock.now() - started });
    return report;
  } catch (error) {
    log.error("round failed, nothing was written", {
      error: error instanceof Error ? error.message : String(error),
      milliseconds: clock.now() - started,
    });
    if (error instanceof Error) log.debug(error.stack ?? error.message);
    return undefined;
  }
}

/** Programs get every report, one document each; people only those that tell of a change. */
async function print(report: Report, format: OutputFormat, { terminal }: CliContext): Promise<void> {
  switch (format) {
    case "json":
      terminal.out.write(`${JSON.stringify(report)}\n`);
      return;
    case "yaml": {
      const { stringify } = await import("../output/yaml-text.ts");
      terminal.out.write(`---\n${stringify(report, { aliasDuplicateObjects: false, lineWidth: 0 })}`);
      return;
    }
    case "table":
      if (report.actions.length > 0) terminal.out.write(`${formatReport(report, terminal.out)}\n\n`);
  }
}
