import { ascending } from "../model/ascending.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import type { Finding } from "../model/finding.ts";
import type { Report, ReportStatus, ReportedAction, ReportedNode, Stage } from "../model/report.ts";

/** What became of one endpoint. */
export type Adoption = { readonly action: ReportedAction; readonly findings: readonly Finding[] };

/** The report of an adoption, in the same shape as a reconcile's. Adoptions arrive sorted by name. */
export function buildAdoptReport(request: {
  readonly group: CalicoGroup;
  readonly stage: Stage;
  readonly adoptions: readonly Adoption[];
}): Report {
  const actions = request.adoptions.map((it) => it.action);
  const nodes = [
    ...Map.groupBy(
      actions.filter((it) => it.node !== ""),
      (it) => it.node,
    ),
  ].map(([node, own]) => reportNode(node, own));
  const count = (outcome: ReportedAction["outcome"]) => actions.filter((it) => it.outcome === outcome).length;
  return {
    status: statusOf(actions),
    stage: request.stage,
    group: request.group,
    counts: {
      nodes: nodes.length,
      protected: nodes.length,
      unprotected: 0,
      create: 0,
      update: count("applied") + count("planned"),
      delete: 0,
      unchanged: count("no-longer-needed"),
      withheld: count("withheld"),
      failed: count("failed"),
      foreign: 0,
    },
    actions,
    nodes: nodes.sort(ascending((it) => it.node)),
    findings: request.adoptions.flatMap((it) => it.findings),
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
