/**
 * Tells what a run found and did, in the shape of docs/output.md.
 *
 * In: everything that the run made. Out: one `Report`, lists sorted. The worst status wins.
 */
import { ascending } from "../model/ascending.ts";
import type { Desired, DesiredNode } from "../model/desired.ts";
import type { Finding } from "../model/finding.ts";
import type { DeniedFlow, GuardedPlan } from "../model/guarded-plan.ts";
import { describeFinalizers, type HostEndpoint } from "../model/host-endpoint.ts";
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
  /** The endpoints that the API server serves when the run is over. */
  readonly endpoints: readonly HostEndpoint[];
  readonly stage: Stage;
};

export function buildReport(request: ReportRequest): Report {
  const actions = [
    ...request.outcomes.map(reportOutcome),
    ...request.guarded.withheld.map(reportWithheld),
  ].sort(ascending((it) => it.hostEndpoint));
  const nodes = reportNodes(request, actions);
  const findings = [...request.guarded.findings, ...leavingFindings(request)].sort(
    ascending(
      // Whose settings these are comes before all that they lead to.
      (it) => (it.code === "settings-changed" ? 0 : 1),
      (it) => it.object,
      (it) => it.code,
      (it) => it.message,
    ),
  );
  return {
    status: worstStatus(actions, nodes, findings),
    stage: request.stage,
    group: request.snapshot.group,
    counts: countAll(request, actions),
    actions,
    nodes,
    findings,
  };
}

function reportNodes(request: ReportRequest, actions: readonly ReportedAction[]): readonly ReportedNode[] {
  const byNode = Map.groupBy(actions, (it) => it.node);
  const context: NodeContext = {
    blocked: new Set(request.plan.foreign.filter((it) => it.blocks).map((it) => it.name)),
    leaving: new Map(request.endpoints.filter((it) => it.deleting).map((it) => [it.name, it])),
    denied: Map.groupBy(request.guarded.denied ?? [], (it) => it.node),
  };
  return [
    ...request.desired.nodes.map((it) => reportNode(it, byNode.get(it.node) ?? [], context)),
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

type NodeContext = {
  /** Names that somebody else's endpoints hold. */
  readonly blocked: ReadonlySet<string>;
  /** Endpoints that are being deleted, by name. */
  readonly leaving: ReadonlyMap<string, HostEndpoint>;
  readonly denied: ReadonlyMap<string, readonly DeniedFlow[]>;
};

function reportNode(
  desired: DesiredNode,
  actions: readonly ReportedAction[],
  { blocked, leaving, denied }: NodeContext,
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
  const flows = (denied.get(node) ?? []).map((it) => it.flow);
  if (flows.length > 0)
    return {
      node,
      status: "withheld",
      reason: "essential-flow-denied",
      detail: `its endpoint denies ${[...new Set(flows)].sort().join(", ")}`,
    };
  if (desired.kind === "waiting")
    return { node, status: "waiting", reason: desired.reason, detail: desired.detail };
  const going = desired.endpoints.flatMap((it) => leaving.get(it.name) ?? []);
  if (going.length > 0)
    return {
      node,
      status: "waiting",
      reason: "being-deleted",
      detail: going.map(describeLeaving).join("; "),
    };
  const planned = actions.find((it) => it.outcome === "planned");
  if (planned !== undefined)
    return { node, status: "waiting", reason: "planned", detail: "a reconcile would change it" };
  return { node, status: "converged", reason: "as-desired", detail: "" };
}

/** An endpoint that is being deleted is still in force, and soon it is not: its node is not protected. */
function leavingFindings({ desired, endpoints }: ReportRequest): readonly Finding[] {
  const wanted = new Set(
    desired.nodes.flatMap((it) => (it.kind === "unfit" ? [] : it.endpoints)).map((it) => it.name),
  );
  return endpoints
    .filter((it) => it.deleting && wanted.has(it.name))
    .map((it): Finding => ({
      severity: "warning",
      code: "being-deleted",
      object: `HostEndpoint/${it.name}`,
      message: `${describeLeaving(it)}: node ${it.node} is not protected`,
      fix: "find out who deleted it; when it is gone, the next run makes a new one. Who set the finalizer is in its managedFields: kubectl get hostendpoint NAME -o yaml --show-managed-fields",
    }));
}

function describeLeaving(endpoint: HostEndpoint): string {
  const holders = describeFinalizers(endpoint);
  return `HostEndpoint/${endpoint.name} is being deleted${holders === "" ? "" : `, and finalizer ${holders} keeps it`}`;
}

/** In a reconcile only the rollback of a canary releases an endpoint. */
function isRolledBack({ action, reason }: ReportedAction): boolean {
  return action === "delete" && reason === "released";
}

/** A finding of severity error is something that is not as it should be: no run that has one calls itself converged. */
function worstStatus(
  actions: readonly ReportedAction[],
  nodes: readonly ReportedNode[],
  findings: readonly Finding[],
): ReportStatus {
  const failed = actions.filter((it) => it.outcome === "failed").length;
  if (failed > 0) return failed === actions.length ? "failed" : "partial";
  if (
    actions.some((it) => it.outcome === "withheld") ||
    nodes.some((it) => it.status === "withheld") ||
    findings.some((it) => it.severity === "error")
  )
    return "withheld";
  if (nodes.some((it) => it.status === "waiting")) return "waiting";
  return "converged";
}

function countAll(request: ReportRequest, actions: readonly ReportedAction[]): ReportCounts {
  const count = (action: ReportedAction["action"]) =>
    actions.filter((it) => it.action === action && (it.outcome === "applied" || it.outcome === "planned"))
      .length;
  const { protectedNodes, unprotectedNodes } = countProtected(request);
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
    flowsDenied: (request.guarded.denied ?? []).length,
  };
}

/**
 * A node is protected when every endpoint that it should have is served when the run is over, drifted or not, and denies it
 * nothing that it needs. What Calico ignores, and what is being deleted, does not count.
 */
function countProtected({ snapshot, desired, guarded, endpoints }: ReportRequest) {
  const { ignoredEndpoints } = worldOf(snapshot);
  const useless = new Set(ignoredEndpoints.map((it) => it.name));
  const existing = new Set(
    endpoints.filter((it) => !it.deleting && !useless.has(it.name)).map((it) => it.name),
  );
  const denied = new Set((guarded.denied ?? []).map((it) => it.node));
  const fit = desired.nodes.flatMap((it) => (it.kind === "unfit" ? [] : [it]));
  const isProtected = (it: (typeof fit)[number]) =>
    !denied.has(it.node) && it.endpoints.length > 0 && it.endpoints.every(({ name }) => existing.has(name));
  const protectedNodes = fit.filter(isProtected).length;
  return { protectedNodes, unprotectedNodes: fit.length - protectedNodes };
}
