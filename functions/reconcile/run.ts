/**
 * One run of the sentence, told in one log line and measured.
 *
 * @throws errors of `model/errors.ts` when the world could not be read whole.
 */
import type { Report } from "../../lib/model/report.ts";
import type { Trigger } from "../../lib/model/trigger.ts";
import { metricsOf } from "../../lib/observability/metrics-of.ts";
import { reconcile, type Reconciliation } from "../../lib/reconcile/reconcile.ts";
import { clusterPorts } from "../shared/cluster-ports.ts";
import type { RememberingPorts } from "./fleet-memory.ts";
import { keepHooks } from "./keep-hooks.ts";
import type { Invocation } from "../shared/shell.ts";

/** Entries of a list that a log line shows; the numbers are in the counts. */
const SHOWN = 50;

export async function run(
  triggers: readonly Trigger[],
  mode: "apply" | "plan",
  ports: RememberingPorts,
  { log, signal }: Invocation,
): Promise<Reconciliation> {
  const { settings, origin, clock, cluster, instances, fleet: names } = ports;
  const startedAt = clock.now();
  const requestsBefore = cluster.requests();
  const done = await cluster.use(
    (connection) =>
      reconcile(
        { triggers, mode },
        { settings, origin, ...clusterPorts(connection), instances, names, clock },
        signal,
      ),
    signal,
  );
  names.learn(done.snapshot);
  const whole = done.snapshot.scope.kind === "cluster";
  const hookFailures =
    whole && mode === "apply" ? await keepHooks(ports, ports.hooksMemory, { log, signal }) : 0;
  const endedAt = clock.now();
  const apiRequests = cluster.requests() - requestsBefore;
  const milliseconds = endedAt - startedAt;
  log.info(
    {
      cluster: settings.cluster.name,
      mode,
      scope: done.snapshot.scope,
      triggers: countByKind(triggers),
      apiRequests,
      milliseconds,
      ...summary(done.report),
    },
    "reconciled",
  );
  if (mode === "apply") {
    const values = metricsOf({
      report: done.report,
      whole,
      nodes: done.snapshot.nodes,
      apiRequests,
      milliseconds,
      endedAt,
    });
    ports.measure({
      ...values,
      Failed: done.report.counts.failed + hookFailures,
      MemoryMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    });
  }
  return done;
}

function summary(report: Report) {
  return {
    status: report.status,
    stage: report.stage,
    group: report.group,
    counts: report.counts,
    nodes: report.nodes.filter((it) => it.status !== "converged").slice(0, SHOWN),
    actions: report.actions.slice(0, SHOWN).map(({ changes: _changes, ...action }) => action),
    findings: report.findings.slice(0, SHOWN),
  };
}

function countByKind(triggers: readonly Trigger[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const trigger of triggers) {
    const word = trigger.kind === "instance" ? trigger.change : trigger.kind;
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}
