/**
 * The sentence: scope it, snapshot the world, build what is desired, compute the plan, guard it, roll it out, apply it, look
 * again, report it.
 * (The event was parsed before, and lifecycle hooks are answered after, by whoever received it.)
 */
import { strip } from "../address/contested-addresses.ts";
import { withoutAddresses } from "../address/refused-addresses.ts";
import { applyGuarded } from "../apply/apply-guarded.ts";
import { endpointsWantedBy } from "../desired/build-desired.ts";
import { deniedAfter } from "../guard/denied-after.ts";
import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { Node } from "../model/node.ts";
import { endpointsAfter, type ActionOutcome } from "../model/outcome.ts";
import type { Report } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { recheck, type Rechecked } from "../recheck/recheck.ts";
import { buildReport, type ReportRequest } from "../report/build-report.ts";
import { decide, type DecisionPorts, type DecisionRequest } from "./decide.ts";
import { mayRestore } from "./may-restore.ts";

export type ReconcileRequest = DecisionRequest & {
  /** `plan` computes and guards, and writes nothing. */
  readonly mode: "apply" | "plan";
  readonly onProgress?: (progress: Progress) => void;
};
export type Progress = { readonly done: number; readonly of: number };
export type ReconcilePorts = DecisionPorts;

export type Reconciliation = {
  readonly report: Report;
  readonly snapshot: Snapshot;
  readonly outcomes: readonly ActionOutcome[];
};

/**
 * One run. Level-based and idempotent: it may run at any time, twice at once, and be stopped anywhere.
 * @throws an error of `model/errors.ts` when the world could not be read whole; nothing was written then. UsageError when
 * other settings are to be refused.
 */
export async function reconcile(
  request: ReconcileRequest,
  { settings, ...ports }: ReconcilePorts,
  signal: AbortSignal,
): Promise<Reconciliation> {
  const { id: owner, endpoints: templates } = settings;
  const decision = await decide(request, { settings, ...ports }, signal);
  const { snapshot, desired, plan, question, guarded: proven } = decision;
  const freshNode = (node: Node) => withKnownAddresses(node, snapshot);
  if (request.mode === "plan")
    return told({
      snapshot,
      desired,
      plan,
      guarded: proven,
      outcomes: planned(proven),
      endpoints: snapshot.hostEndpoints,
    });
  const apply = { group: snapshot.group, owner, concurrency: settings.limits.concurrency };
  const written = await applyGuarded(
    proven,
    {
      ...apply,
      wantedBy: (node) => endpointsWantedBy(freshNode(node), templates, owner, snapshot.nodes),
      mayRestore: (node, it) => mayRestore(freshNode(node), it, question),
      ...withProgress(request.onProgress, proven.allowed.length),
    },
    ports.cluster,
    signal,
  );
  const { outcomes, ...taken } = await recheck(
    {
      snapshot,
      outcomes: written,
      safety: settings,
      apply,
      bookkept: bookkeptIn(proven),
      takeSnapshot: decision.takeSnapshotAgain,
    },
    ports.cluster,
    signal,
  );
  const endpoints = endpointsAfter(snapshot.hostEndpoints, outcomes);
  const guarded = deniedAfter(together(proven, taken), endpoints, question);
  return told({ snapshot, desired, plan, guarded, outcomes, endpoints });

  function told(run: Omit<ReportRequest, "stage">): Reconciliation {
    return {
      report: buildReport({ ...run, stage: settings.stage }),
      snapshot: run.snapshot,
      outcomes: run.outcomes,
    };
  }
}

function planned({ allowed, afterwards = [] }: GuardedPlan): readonly ActionOutcome[] {
  return [...allowed, ...afterwards].map((action) => ({ action, outcome: "planned" }));
}

/** Endpoints that a run writes marks and counts on, and nothing else. */
function bookkeptIn({ claim, waits = [] }: GuardedPlan): readonly string[] {
  return [...(claim?.carriers ?? []), ...waits.map((it) => it.observed)].map((it) => it.name);
}

/** What was taken back is withheld like what was never written. */
function together(guarded: GuardedPlan, { withheld, findings }: Omit<Rechecked, "outcomes">): GuardedPlan {
  return {
    ...guarded,
    withheld: [...guarded.withheld, ...withheld],
    findings: [...guarded.findings, ...findings],
  };
}

/** A Node that is read again is judged by what was learned of the same machine: EC2 is not asked twice. */
function withKnownAddresses(node: Node, { nodes }: Snapshot): Node {
  const before = nodes.find((it) => it.name === node.name && it.uid === node.uid);
  const { primaryAddresses, contested, refused } = before ?? {};
  const known = primaryAddresses === undefined ? node : { ...node, primaryAddresses };
  const own = refused === undefined ? known : withoutAddresses(known, refused);
  return contested === undefined ? own : strip(own, contested);
}

function withProgress(onProgress: ReconcileRequest["onProgress"], total: number) {
  if (onProgress === undefined) return {};
  let done = 0;
  return { onOutcome: () => onProgress({ done: ++done, of: total }) };
}
