import { ascending } from "../model/ascending.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import type { Finding } from "../model/finding.ts";
import type { Report, ReportStatus, ReportedAction, ReportedNode, Stage } from "../model/report.ts";

/** The report of an adoption, in the same shape as a reconcile's. */
export function buildAdoptReport(request: {
  readonly group: CalicoGroup;
  readonly stage: Stage;
  /** Sorted by name. */
  readonly actions: readonly ReportedAction[];
  readonly findings: readonly Finding[];
}): Report {
  const { actions } = request;
  const nodes = [
    ...Map.groupBy(
      actions.filter((it) => it.node !== ""),
      (it) => it.node,
    ),
  ].map(([node, own]) => reportNode(node, own));
  const count = (outcome: ReportedAction["outcome"]) => actions.filter((it) => it.outcome === outcome).length;
  const done = (action: ReportedAction["action"]) =>
    actions.filter((it) => it.action === action && (it.outcome === "applied" || it.outcome === "planned"))
      .length;
  return {
    status: statusOf(actions),
    stage: request.stage,
    group: request.group,
    counts: {
      nodes: nodes.length,
      protected: nodes.filter((it) => it.status === "converged").length,
      unprotected: nodes.filter((it) => it.status !== "converged").length,
      create: 0,
      update: done("adopt"),
      delete: done("delete"),
      unchanged: count("no-longer-needed"),
      withheld: count("withheld"),
      failed: count("failed"),
      foreign: 0,
    },
    actions,
    nodes: nodes.sort(ascending((it) => it.node)),
    findings: request.findings,
  };
}

function statusOf(actions: readonly ReportedAction[]): ReportStatus {
  const failed = actions.filter((it) => it.outcome === "failed").length;
  if (failed > 0) return failed === actions.length ? "failed" : "partial";
  return actions.some((it) => it.outcome === "withheld") ? "withheld" : "converged";
}

function reportNode(node: string, actions: readonly ReportedAction[]): ReportedNode {
  const unlucky =
    actions.find((it) => it.outcome === "failed") ?? actions.find((it) => it.outcome === "withheld");
  if (unlucky === undefined) return { node, status: "converged", reason: "adopted", detail: "" };
  return {
    node,
    status: unlucky.outcome === "failed" ? "failed" : "withheld",
    reason: unlucky.reason,
    detail: unlucky.detail,
  };
}
