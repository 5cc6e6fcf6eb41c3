/**
 * `hepctl reconcile --every`: a round, a pause, again; until the person or the system says stop.
 *
 * Must never happen: a round that is cut off by a first signal, or a loop that ends because one round failed.
 */
import { UsageError } from "../../../lib/model/errors.ts";
import type { Report } from "../../../lib/model/report.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { metricsOf } from "../../../lib/observability/metrics-of.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import { versioned } from "../../shared/versioned.ts";
import type { CliContext, OutputFormat } from "../arguments/command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatReport } from "../output/format-report.ts";
import { openLog, type Log } from "../output/log.ts";
import type { ListenAddress } from "../input/listen-address.ts";
import type { Round } from "../status/run-metrics.ts";
import type { Status } from "../status/serve-status.ts";
import { nameOfCluster } from "../output/name-of-cluster.ts";
import type { Session } from "./with-cluster.ts";

export type LoopRequest = {
  readonly triggers: readonly Trigger[];
  readonly everyMilliseconds: number;
  readonly format: OutputFormat;
  /** Where `/livez`, `/readyz` and `/metrics` are served; absent: nowhere. */
  readonly listen?: ListenAddress;
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
    cluster: nameOfCluster(session.connection.reached),
    owner: session.settings.id,
    stage: session.settings.stage,
  });
  const status = await openStatus(request, timeoutMilliseconds);
  if (status !== undefined) log.info("listening", { url: status.url });
  try {
    while (!interruption.asked.aborted) {
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMilliseconds), interruption.forced]);
      const { report, told } = await round(request, session, log, signal);
      status?.observe(told);
      if (report !== undefined) await print(report, request.format, context);
      await clock.sleep(request.everyMilliseconds, interruption.asked).catch(() => {});
    }
  } finally {
    await status?.close();
  }
  log.info("stopped");
  return EXIT.ok;
}

/** A round takes the time limit at most; then comes the pause. Twice that, and half a minute for a machine that is busy. */
async function openStatus(
  { listen, everyMilliseconds }: LoopRequest,
  timeoutMilliseconds: number,
): Promise<Status | undefined> {
  if (listen === undefined) return undefined;
  const { serveStatus } = await import("../status/serve-status.ts");
  return serveStatus({
    address: listen,
    mostMillisecondsBetweenRounds: 2 * (everyMilliseconds + timeoutMilliseconds) + 30_000,
  });
}

/** One line for each round, whatever came of it. */
async function round(
  request: LoopRequest,
  session: Session,
  log: Log,
  signal: AbortSignal,
): Promise<{ readonly report?: Report; readonly told: Round }> {
  const started = clock.now();
  const requestsBefore = session.requests();
  try {
    const { report, snapshot } = await reconcile(
      { triggers: request.triggers, mode: "apply", ...session.othersSettings },
      { settings: session.settings, origin: session.origin, ...clusterPorts(session.connection), clock },
      signal,
    );
    const { counts, status, group } = report;
    const endedAt = clock.now();
    const milliseconds = endedAt - started;
    const write =
      status === "failed" ? log.error : status === "partial" || status === "withheld" ? log.warn : log.info;
    write("reconciled", { status, group, ...counts, milliseconds });
    const values = metricsOf({
      report,
      whole: snapshot.scope.kind === "cluster",
      nodes: snapshot.nodes,
      apiRequests: session.requests() - requestsBefore,
      milliseconds,
      endedAt,
    });
    return { report, told: { succeeded: status !== "failed", values, seconds: milliseconds / 1000 } };
  } catch (error) {
    // Another round would be wrong in the same way.
    if (error instanceof UsageError) throw error;
    const milliseconds = clock.now() - started;
    log.error("round failed, nothing was written", {
      error: error instanceof Error ? error.message : String(error),
      milliseconds,
    });
    if (error instanceof Error) log.debug(error.stack ?? error.message);
    const values = { ApiRequests: session.requests() - requestsBefore };
    return { told: { succeeded: false, values, seconds: milliseconds / 1000 } };
  }
}

/** Programs get every report, one document each; people only those that tell of a change. */
async function print(report: Report, format: OutputFormat, { terminal }: CliContext): Promise<void> {
  switch (format) {
    case "json":
      terminal.out.write(`${JSON.stringify(versioned(report))}\n`);
      return;
    case "yaml": {
      const { stringify } = await import("../output/yaml-text.ts");
      terminal.out.write(
        `---\n${stringify(versioned(report), { aliasDuplicateObjects: false, lineWidth: 0 })}`,
      );
      return;
    }
    default:
      if (report.actions.length > 0) terminal.out.write(`${formatReport(report, terminal.out)}\n\n`);
  }
}
