/**
 * Takes over host endpoints that are not ours, because a person asked for these; or gives ours to somebody else.
 *
 * In: which endpoints, from whom or to whom. Out: a report of what was done. One write for each endpoint makes it what the settings
 * want, proven by the guard first. Running it again goes on where it was stopped.
 * Must never happen: a write to an endpoint that nobody asked for, or over somebody else's change; a node that is let out of what
 * denied it without a word.
 */
import pLimit from "p-limit";
import { causeOf } from "../apply/failure.ts";
import { buildDesired } from "../desired/build-desired.ts";
import { guardPlan } from "../guard/guard-plan.ts";
import { observeStageRule } from "../guard/rules/observe-stage.ts";
import { ConflictError, GatewayError, NotFoundError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { WithheldReason } from "../model/guarded-plan.ts";
import type { ActionReason, Report, ReportedAction } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { mayComeBack } from "../plan/compute-plan.ts";
import { driftOf } from "../plan/drift.ts";
import { foreignOwner } from "../plan/ownership.ts";
import { systemClock } from "../ports/clock.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";
import type { AdoptPorts, AdoptRequest } from "./adopt-request.ts";
import { buildAdoptReport } from "./build-adopt-report.ts";
import { calicoWants } from "./calico-wants.ts";
import { chooseEndpoints } from "./choose-endpoints.ts";
import { foresee } from "./foresee.ts";
import { giveBack, takeOver, type Step, type Takeover } from "./plan-adoption.ts";

export type { AdoptPorts, AdoptRequest } from "./adopt-request.ts";

/** How often one endpoint is read again when somebody else wrote in between. */
const MOST_ATTEMPTS = 4;

/** @throws an error of `model/errors.ts` when the cluster could not be read whole. */
export async function adopt(request: AdoptRequest, ports: AdoptPorts, signal: AbortSignal): Promise<Report> {
  const { settings, cluster } = ports;
  const snapshot = await takeSnapshot(
    { scope: { kind: "cluster" }, namePatterns: settings.endpoints.map((it) => it.name) },
    { ...ports, clock: systemClock },
    signal,
  );
  const { endpoints, missing } = chooseEndpoints(request, snapshot, settings.id);
  const stepFor = await stepsOf(request, snapshot, ports, signal);
  const steps = endpoints.map(stepFor);
  const proof = prove(steps, snapshot, request, ports);
  const limit = pLimit(settings.limits.concurrency);
  const actions = await Promise.all(
    steps.map((step) =>
      limit(async (): Promise<ReportedAction> => {
        const held = step.kind === "write" ? proof.withheld.get(step.action.name) : undefined;
        if (held !== undefined && step.kind === "write")
          return report(step.action.observed, step, "withheld", held.reason, held.detail);
        return carryOut(step, stepFor, snapshot, request, cluster, signal);
      }),
    ),
  );
  return buildAdoptReport({
    group: snapshot.group,
    stage: settings.stage,
    actions: [...actions, ...missing.map(notFound)].sort((a, b) =>
      a.hostEndpoint < b.hostEndpoint ? -1 : 1,
    ),
    findings: [...proof.findings, ...(await foresee(request, { snapshot, endpoints }, ports, signal))],
  });
}

/** Decides about one endpoint. */
async function stepsOf(
  request: AdoptRequest,
  snapshot: Snapshot,
  { settings, cluster }: AdoptPorts,
  signal: AbortSignal,
): Promise<(endpoint: HostEndpoint) => Step> {
  const { id: owner, endpoints: templates } = settings;
  const { to } = request;
  if (to !== undefined) {
    const byCalico = to === "auto" ? await calicoWants(snapshot, cluster, signal) : new Map();
    return (it) => giveBack(it, { owner, to, byCalico });
  }
  const { nodes } = buildDesired({ scope: { kind: "cluster" }, nodes: snapshot.nodes, templates, owner });
  const wanted = new Map(
    nodes.flatMap((it) => (it.kind === "unfit" ? [] : it.endpoints)).map((it) => [it.name, it]),
  );
  const takeover: Takeover = {
    owner,
    what: request.from === undefined ? "names" : "source",
    wanted,
    kept: new Set(settings.kept),
    nodes: new Set(snapshot.nodes.map((it) => it.name)),
    undecided: new Set(nodes.filter(mayComeBack).map((it) => it.node)),
  };
  return (it) => takeOver(it, takeover);
}

type Proof = {
  readonly withheld: ReadonlyMap<string, { readonly reason: WithheldReason; readonly detail: string }>;
  readonly findings: readonly Finding[];
};

/** The guard looks at all of it as at one plan. What was there before is not what this is about. */
function prove(
  steps: readonly Step[],
  snapshot: Snapshot,
  { from, to, acceptLoosening = false }: AdoptRequest,
  { settings }: AdoptPorts,
): Proof {
  const actions = steps.flatMap((it) => (it.kind === "write" ? [it.outcome] : []));
  if (actions.length === 0) return { withheld: new Map(), findings: [] };
  const question = {
    plan: { actions, unchanged: [], foreign: [] },
    snapshot,
    safety: settings,
    adopts: from === undefined && to === undefined ? "names" : "source",
    acceptLoosening,
  } as const;
  const guarded = guardPlan(question);
  const observe = observeStageRule(question);
  return {
    withheld: new Map(
      guarded.withheld.flatMap(({ action, violation }) => {
        // What the next run will delete is its own budget's matter; what the stage says of this write is not.
        const isBudget = violation.reason === "delete-budget" || violation.reason === "delete-unconfirmed";
        const told = isBudget ? observe.judge(action) : violation;
        return told === undefined
          ? []
          : [[action.name, { reason: told.reason, detail: `${told.detail}. Fix: ${told.fix}` }] as const];
      }),
    ),
    findings: guarded.findings.filter((it) => it.code === "loosens"),
  };
}

async function carryOut(
  step: Step,
  stepFor: (endpoint: HostEndpoint) => Step,
  snapshot: Snapshot,
  { mode, from, to }: AdoptRequest,
  cluster: AdoptPorts["cluster"],
  signal: AbortSignal,
): Promise<ReportedAction> {
  switch (step.kind) {
    case "done":
      return report(step.observed, step, "no-longer-needed", "owned-already", "it is so already");
    case "refused":
      return report(step.observed, step, "withheld", step.reason, step.detail);
    case "write": {
      const { observed } = step.action;
      if (mode === "plan") return report(observed, step, "planned", foreignOwner(observed), "");
      // Where only whose it is changes, that is right for whatever else somebody changed.
      const again = from === undefined && to === undefined ? stepFor : undefined;
      return write(step, again, snapshot.group, cluster, signal);
    }
  }
}

async function write(
  step: Extract<Step, { readonly kind: "write" }>,
  stepFor: ((endpoint: HostEndpoint) => Step) | undefined,
  group: Snapshot["group"],
  cluster: AdoptPorts["cluster"],
  signal: AbortSignal,
): Promise<ReportedAction> {
  const first = step.action.observed;
  let { observed, desired } = step.action;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await cluster.update(group, observed, desired, signal);
        return report(first, step, "applied", foreignOwner(first), "");
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !(error instanceof ConflictError || error instanceof NotFoundError))
          throw error;
        const now = await cluster.getHostEndpoint(group, first.name, signal);
        const next = now === undefined ? undefined : stepFor?.(now);
        if (now !== undefined && !isOther(now, first)) observed = now;
        else if (next?.kind === "write") ({ observed, desired } = next.action);
        else
          return report(
            first,
            step,
            "failed",
            "conflict",
            "somebody else changed it meanwhile; run the same command again",
          );
      }
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return report(first, step, "failed", causeOf(error), error.message);
  }
}

/** What was proven was proven for this endpoint as it was. */
function isOther(again: HostEndpoint, first: HostEndpoint): boolean {
  const before = { ...first, expectedIPs: [...first.expectedIPs].sort() };
  return again.uid !== first.uid || driftOf(again, before).length > 0;
}

function report(
  { name, node }: HostEndpoint,
  step: Step,
  outcome: ReportedAction["outcome"],
  reason: ActionReason,
  detail: string,
): ReportedAction {
  const changes = step.kind === "write" ? step.action.changes : [];
  return { action: "adopt", hostEndpoint: name, node, changes, outcome, reason, detail };
}

function notFound(name: string): ReportedAction {
  return {
    action: "adopt",
    hostEndpoint: name,
    node: "",
    changes: [],
    outcome: "failed",
    reason: "not-found",
    detail: `there is no HostEndpoint/${name}; names are as "hepctl plan" prints them`,
  };
}
