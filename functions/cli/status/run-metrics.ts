/**
 * What the rounds of a loop come to, as Prometheus reads it. In: each round. Out: the text of `/metrics`. The numbers are those
 * of `metricsOf`, which the Lambda sends to CloudWatch: here each has a name, a type and a sentence of its own.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { FunctionMetricName, MetricName } from "../../../lib/names/names.ts";
import type { MetricValues } from "../../../lib/observability/metrics-line.ts";

/** A round that could not read the cluster has no values. */
export type Round = { readonly succeeded: boolean; readonly values: MetricValues; readonly seconds: number };

export type RunMetrics = {
  readonly observe: (round: Round, now: number) => void;
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

const PREFIX = "hostendpoint_reconciler_";

type RunMetricName = Exclude<MetricName, FunctionMetricName>;
type Kind = "state" | "event" | "seconds" | "run";
/** `state`: as it is now; `event`: counted since the start; `seconds`: spread over time; `run`: told by the rounds themselves. */
const METRIC_KINDS: Readonly<Record<RunMetricName, readonly [Kind, name: string, help: string]>> = {
  Nodes: ["state", "nodes", "Nodes of the cluster that can have a HostEndpoint or not"],
  Protected: ["state", "nodes_protected", "Nodes with the HostEndpoints that they should have"],
  Unprotected: ["state", "nodes_unprotected", "Nodes that should have a HostEndpoint and have none"],
  Stale: ["state", "endpoints_stale", "HostEndpoints of ours whose Node is gone and that are still there"],
  Foreign: ["state", "endpoints_foreign", "HostEndpoints that are not ours"],
  Withheld: ["state", "withheld", "Changes that the guard withheld in the last round"],
  DeletesWaiting: ["state", "deletes_waiting", "Deletions that wait until a person confirms them"],
  FlowsDenied: [
    "state",
    "flows_denied",
    "Essential flows that HostEndpoints deny to their nodes, each for each node",
  ],
  Created: ["event", "created_total", "HostEndpoints created"],
  Updated: ["event", "updated_total", "HostEndpoints updated"],
  Deleted: ["event", "deleted_total", "HostEndpoints deleted"],
  Failed: ["event", "failed_total", "Writes that failed"],
  ApiRequests: ["event", "api_requests_total", "Requests to the API server"],
  TimeToProtectSeconds: [
    "seconds",
    "time_to_protect_seconds",
    "Seconds from a Node's registration to its HostEndpoint",
  ],
  RunMilliseconds: ["run", "round_seconds", "Seconds that a round took"],
  Succeeded: [
    "run",
    "rounds_total",
    "Rounds, by whether the cluster was read whole and every write went well",
  ],
};

/** Upper bounds: a node counts as late after minutes, a round after a time limit of minutes. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export function createRunMetrics(): RunMetrics {
  const registry = new Registry();
  const registers = [registry];
  const observers = new Map<MetricName, (value: number) => void>();
  for (const [metric, [kind, name, help]] of Object.entries(METRIC_KINDS) as [
    RunMetricName,
    (typeof METRIC_KINDS)[RunMetricName],
  ][]) {
    const options = { name: PREFIX + name, help, registers };
    if (kind === "state") {
      const gauge = new Gauge(options);
      observers.set(metric, (value) => gauge.set(value));
    } else if (kind === "event") {
      const counter = new Counter(options);
      observers.set(metric, (value) => counter.inc(value));
    } else if (kind === "seconds") {
      const histogram = new Histogram({ ...options, buckets: SECONDS });
      observers.set(metric, (value) => histogram.observe(value));
    }
  }
  const [, roundSeconds, roundHelp] = METRIC_KINDS.RunMilliseconds;
  const duration = new Histogram({
    name: PREFIX + roundSeconds,
    help: roundHelp,
    buckets: SECONDS,
    registers,
  });
  const [, roundsTotal, roundsHelp] = METRIC_KINDS.Succeeded;
  const rounds = new Counter({
    name: PREFIX + roundsTotal,
    help: roundsHelp,
    labelNames: ["outcome"] as const,
    registers,
  });
  for (const outcome of ["succeeded", "failed"] as const) rounds.inc({ outcome }, 0);
  const lastSuccess = new Gauge({
    name: `${PREFIX}last_success_timestamp_seconds`,
    help: "When the last round that succeeded ended, in seconds since the epoch; 0: none yet",
    registers,
  });
  return {
    observe: ({ succeeded, values, seconds }, now) => {
      rounds.inc({ outcome: succeeded ? "succeeded" : "failed" });
      duration.observe(seconds);
      if (succeeded) lastSuccess.set(now / 1000);
      for (const [metric, value] of Object.entries(values) as [MetricName, number | readonly number[]][])
        for (const one of typeof value === "number" ? [value] : value) observers.get(metric)?.(one);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
