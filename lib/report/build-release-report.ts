import { ascending } from "../model/ascending.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Report, ReportedAction, ReportStatus, Stage } from "../model/report.ts";
import type { ClusterState } from "../model/snapshot.ts";
import { reportOutcome } from "./report-action.ts";

export type ReleaseReportRequest = {
  readonly group: CalicoGroup;
  readonly stage: Stage;
  /** How many endpoints are not ours, or not of these nodes. */
  readonly foreign: number;
  /** Those that were to be released. */
  readonly released: readonly HostEndpoint[];
  readonly outcomes: readonly ActionOutcome[];
  readonly state: ClusterState;
};

/** The report of a release, in the same shape as a reconcile's. A released node is unprotected, as was asked for. */
export function buildReleaseReport(request: ReleaseReportRequest): Report {
  const actions = request.outcomes.map(reportOutcome).sort(ascending((it) => it.hostEndpoint));
  const failed = actions.filter((it) => it.outcome === "failed");
  const failedNodes = new Map(failed.map((it) => [it.node, it]));
  const nodes = [...new Set(request.released.map((it) => it.node))].sort();
  const removed = actions.filter((it) => it.outcome === "applied" || it.outcome === "planned").length;
  const kept = new Set(
    actions.filter((it) => it.outcome === "failed" || it.outcome === "planned").map((it) => it.node),
  );
  return {
    status: statusOf(failed, actions.length),
    stage: request.stage,
    group: request.group,
    counts: {
      nodes: nodes.length,
      protected: kept.size,
      unprotected: nodes.length - kept.size,
      create: 0,
      update: 0,
      delete: removed,
      unchanged: 0,
      withheld: 0,
      failed: failed.length,
      foreign: request.foreign,
    },
    actions,
    nodes: nodes.map((node) => {
      const failure = failedNodes.get(node);
      return failure === undefined
        ? { node, status: "converged", reason: "released", detail: "" }
        : { node, status: "failed", reason: failure.reason, detail: failure.detail };
    }),
    findings:
      request.state.paused === undefined
        ? []
        : [
            {
              severity: "error",
              code: request.state.paused.reason,
              object: "Cluster/calico",
              message: `${request.state.paused.detail}: Calico may not see the release`,
              fix: request.state.paused.fix,
            },
          ],
  };
}

/** What a finalizer keeps was taken as far as it goes: the rest is for whoever set it, so that is no failure of ours. */
function statusOf(failed: readonly ReportedAction[], all: number): ReportStatus {
  if (failed.length === 0) return "converged";
  const isHeld = failed.some((it) => it.reason === "held-by-finalizer");
  return failed.length === all && !isHeld ? "failed" : "partial";
}
