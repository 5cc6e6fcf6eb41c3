/**
 * Tells what a run found and did, in the shape of docs/output.md.
 *
 * In: everything that the run made. Out: one `Report`, lists sorted. The worst status wins.
 */
import { ascending } from "../model/ascending.ts";
import type { Desired, DesiredNode } from "../model/desired.ts";
import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Plan } from "../model/plan.ts";
import type {
  Report,
  ReportCounts,
  ReportedAction,
  ReportedNode,
  ReportStatus,
  Stage,
} from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { worldOf } from "../world/world-of.ts";
import { reportOutcome, reportWithheld } from "./report-action.ts";

export type ReportRequest = {
  readonly snapshot: Snapshot;
  readonly desired: Desired;
  readonly plan: Plan;
  readonly guarded: GuardedPlan;
  /** One for each allowed action; `planned` when nothing was to be applied. */
  readonly outcomes: readonly ActionOutcome[];
  readonly stage: Stage;
};

export function buildReport(request: ReportRequest): Report {
  const actions = [
    ...request.outcomes.map(reportOutcome),
    ...request.guarded.withheld.map(reportWithheld),
  ].sort(ascending((it) => it.hostEndpoint));
  const nodes = reportNodes(request, actions);
  return {
    status: worstStatus(actions, nodes),
    stage: request.stage,
    group: request.snapshot.group,
    counts: countAll(request, actions),
    actions,
    nodes,
    findings: [...request.guarded.findings].sort(
      ascending(
        (it) => it.object,
        (it) => it.code,
        (it) => it.message,
      ),
    ),
  };
}

function reportNodes(request: ReportRequest, actions: readonly ReportedAction[]): readonly ReportedNode[] {
  const byNode = Map.groupBy(actions, (it) => it.node);
  const blocked = new Set(request.plan.foreign.filter((it) => it.blocks).map((it) => it.name));
  return [
    ...request.desired.nodes.map((it) => reportNode(it, byNode.get(it.node) ?? [], blocked)),
    ...absentNodesOf(request).map((it) => reportAbsentNode(it, byNode.get(it) ?? [])),
  ].sort(ascending((it) => it.node));
}

/** Names that somebody asked about and that no Node has. */
function absentNodesOf({ snapshot }: ReportRequest): readonly string[] {
  if (snapshot.scope.kind === "cluster") return [];
  const absent = new Set(snapshot.absentNodes);
  return snapshot.scope.nodes.filter((it) => absent.has(it));
}

/** A Node that is gone is settled once its endpoint is gone too; without one it may still be on its way. */
function reportAbsentNode(node: string, actions: readonly ReportedAction[]): ReportedNode {
  const unfinished = actions.find((it) => it.outcome === "failed" || it.outcome === "withheld");
  if (unfinished !== undefined)
    return {
      node,
      status: unfinished.outcome === "failed" ? "failed" : "withheld",
      reason: unfinished.reason,
      detail: unfinished.detail,
    };
  if (actions.length > 0) return { node, status: "converged", reason: "node-gone", detail: "" };
  return { node, status: "waiting", reason: "not-registered", detail: `there is no Node/${node}` };
}

function reportNode(
  desired: DesiredNode,
  actions: readonly ReportedAction[],
  blocked: ReadonlySet<string>,
): ReportedNode {
  const node = desired.node;
  const failed = actions.find((it) => it.outcome === "failed");
  if (failed !== undefined) return { node, status: "failed", reason: failed.reason, detail: failed.detail };
  const withheld = actions.find((it) => it.outcome === "withheld");
  if (withheld !== undefined)
    return { node, status: "withheld", reason: withheld.reason, detail: withheld.detail };
  if (actions.some(isRolledBack))
    return {
      node,
      status: "withheld",
      reason: "canary-rolled-back",
      detail: "the canary fell ill: its endpoint was given the allow profile and removed",
    };
  if (desired.kind === "unfit")
    return { node, status: "unfit", reason: desired.reason, detail: desired.detail };
  const foreign = desired.endpoints.find((it) => blocked.has(it.name));
  if (foreign !== undefined)
    return {
      node,
      status: "withheld",
      reason: "foreign-host-endpoint",
      detail: `HostEndpoint/${foreign.name} exists and is not ours`,
    };
  if (desired.kind === "waiting")
    return { node, status: "waiting", reason: desired.reason, detail: desired.detail };
  const planned = actions.find((it) => it.outcome === "planned");
  if (planned !== undefined)
    return { node, status: "waiting", reason: "planned", detail: "a reconcile would change it" };
  return { node, status: "converged", reason: "as-desired", detail: "" };
}

/** In a reconcile only the rollback of a canary releases an endpoint. */
function isRolledBack({ action, reason }: ReportedAction): boolean {
  return action === "delete" && reason === "released";
}

function worstStatus(actions: readonly ReportedAction[], nodes: readonly ReportedNode[]): ReportStatus {
  const failed = actions.filter((it) => it.outcome === "failed").length;
  if (failed > 0) return failed === actions.length ? "failed" : "partial";
  if (actions.some((it) => it.outcome === "withheld") || nodes.some((it) => it.status === "withheld"))
    return "withheld";
  if (nodes.some((it) => it.status === "waiting")) return "waiting";
  return "converged";
}

function countAll(request: ReportRequest, actions: readonly ReportedAction[]): ReportCounts {
  const count = (action: ReportedAction["action"]) =>
    actions.filter(
      (it) => it.action === action && it.outcome !== "withheld" && it.outcome !== "no-longer-needed",
    ).length;
  const { protectedNodes, unprotectedNodes } = countProtected(request, actions);
  return {
    nodes: request.desired.nodes.length,
    protected: protectedNodes,
    unprotected: unprotectedNodes,
    create: count("create"),
    update: count("update"),
    delete: count("delete"),
    unchanged: request.plan.unchanged.length,
    withheld: actions.filter((it) => it.outcome === "withheld").length,
    failed: actions.filter((it) => it.outcome === "failed").length,
    foreign: request.plan.foreign.length,
  };
}

/** A node is protected when every endpoint that it should have exists after this run, drifted or not; what Calico ignores does not count. */
function countProtected(request: ReportRequest, actions: readonly ReportedAction[]) {
  const created = new Set(
    actions
      .filter(
        (it) => it.action === "create" && (it.outcome === "applied" || it.outcome === "no-longer-needed"),
      )
      .map((it) => it.hostEndpoint),
  );
  const removed = new Set(
    actions.filter((it) => isRolledBack(it) && it.outcome === "applied").map((it) => it.hostEndpoint),
  );
  const { ignoredEndpoints } = worldOf(request.snapshot);
  const useless = new Set(ignoredEndpoints.map((it) => it.name));
  const existing = new Set(
    request.snapshot.hostEndpoints.map((it) => it.name).filter((it) => !removed.has(it) && !useless.has(it)),
  );
  const fit = request.desired.nodes.flatMap((it) => (it.kind === "unfit" ? [] : [it]));
  const isProtected = (it: (typeof fit)[number]) =>
    it.endpoints.length > 0 && it.endpoints.every(({ name }) => created.has(name) || existing.has(name));
  const protectedNodes = fit.filter(isProtected).length;
  return { protectedNodes, unprotectedNodes: fit.length - protectedNodes };
}
