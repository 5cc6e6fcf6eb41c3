/**
 * What a run is worth in numbers.
 *
 * A run over some nodes does not know how many the cluster has: it counts only what it did. `Succeeded` is of full runs
 * alone, so that its alarm (no successful run for two intervals) cannot be kept quiet by events.
 */
import type { Node } from "../model/node.ts";
import type { Report } from "../model/report.ts";
import type { MetricValues } from "./metrics-line.ts";

export type MeasuredRun = {
  readonly report: Report;
  /** True when the run looked at the whole cluster. */
  readonly whole: boolean;
  readonly nodes: readonly Pick<Node, "name" | "createdAt">[];
  readonly apiRequests: number;
  readonly milliseconds: number;
  /** Milliseconds since the epoch, when the run had ended. */
  readonly endedAt: number;
};

/** A node older than this was there before us; what it waited for was the installation, not the reconciler. */
const LONGEST_TIME_TO_PROTECT_SECONDS = 3600;

/** Deletions that go on when a person confirms them. */
const WAITING_FOR_A_PERSON: ReadonlySet<string> = new Set(["delete-budget", "delete-unconfirmed"]);

export function metricsOf(run: MeasuredRun): MetricValues {
  const { report } = run;
  const applied = report.actions.filter((it) => it.outcome === "applied");
  const count = (action: "create" | "update" | "delete") =>
    applied.filter((it) => it.action === action).length;
  const done = {
    Created: count("create"),
    Updated: count("update"),
    Deleted: count("delete"),
    DeletesWaiting: report.actions.filter(
      (it) => it.outcome === "withheld" && WAITING_FOR_A_PERSON.has(it.reason),
    ).length,
    // Whose turn has not come is no reason to wake anybody; a canary that was rolled back is.
    Withheld: Math.max(
      report.actions.filter((it) => it.outcome === "withheld" && it.reason !== "canary-wait").length,
      report.findings.some((it) => it.code === "canary-rolled-back") ? 1 : 0,
    ),
    FlowsDenied: report.counts.flowsDenied ?? 0,
    Failed: report.counts.failed,
    ApiRequests: run.apiRequests,
    RunMilliseconds: run.milliseconds,
    TimeToProtectSeconds: timesToProtect(run),
  };
  if (!run.whole) return done;
  return {
    ...done,
    Nodes: report.counts.nodes,
    Protected: report.counts.protected,
    Unprotected: report.counts.unprotected,
    Stale: report.actions.filter(
      (it) => it.action === "delete" && it.outcome !== "applied" && it.outcome !== "no-longer-needed",
    ).length,
    Foreign: report.counts.foreign,
    Succeeded: report.status === "failed" ? 0 : 1,
  };
}

/** Seconds from a Node's registration to its HostEndpoint; 0 when the HostEndpoint was there first. Sorted. */
function timesToProtect({ report, nodes, endedAt }: MeasuredRun): readonly number[] {
  const createdAt = new Map(nodes.map((it) => [it.name, it.createdAt]));
  return report.actions
    .filter((it) => it.action === "create" && it.outcome === "applied")
    .map((it) => {
      const registered = Date.parse(createdAt.get(it.node) ?? "");
      return Number.isNaN(registered) ? 0 : Math.max(0, (endedAt - registered) / 1000);
    })
    .filter((it) => it <= LONGEST_TIME_TO_PROTECT_SECONDS)
    .sort((one, other) => one - other);
}
