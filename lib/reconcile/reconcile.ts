/**
 * The sentence: scope it, snapshot the world, build what is desired, compute the plan, guard it, roll it out, apply it, look
 * again, report it.
 * (The event was parsed before, and lifecycle hooks are answered after, by whoever received it.)
 */
import { strip } from "../address/contested-addresses.ts";
import { withoutAddresses } from "../address/refused-addresses.ts";
import { applyGuarded } from "../apply/apply-guarded.ts";
import type { Settings } from "../config/settings.ts";
import { publicAddressesOf } from "../desired/addresses.ts";
import { buildDesired, endpointsWantedBy } from "../desired/build-desired.ts";
import { deniedAfter } from "../guard/denied-after.ts";
import { guardPlan } from "../guard/guard-plan.ts";
import { carryMarks } from "../rollout/carry-marks.ts";
import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { Node } from "../model/node.ts";
import { endpointsAfter, type ActionOutcome } from "../model/outcome.ts";
import type { Report } from "../model/report.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Trigger } from "../model/trigger.ts";
import { computePlan } from "../plan/compute-plan.ts";
import type { InstanceReader } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";
import type { NodeNames } from "../ports/node-names.ts";
import { recheck, type Rechecked } from "../recheck/recheck.ts";
import { buildReport, type ReportRequest } from "../report/build-report.ts";
import { rollOut } from "../rollout/roll-out.ts";
import { mayRestore } from "./may-restore.ts";
import { scopeOf } from "../scope/scope-of.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";

export type ReconcileRequest = {
  readonly triggers: readonly Trigger[];
  /** `plan` computes and guards, and writes nothing. */
  readonly mode: "apply" | "plan";
  /** A person accepts that flows are opened which a policy denied before. */
  readonly acceptLoosening?: boolean;
  readonly onProgress?: (progress: Progress) => void;
};
export type Progress = { readonly done: number; readonly of: number };

export type ReconcilePorts = {
  readonly settings: Settings;
  readonly cluster: ClusterGateway;
  readonly instances?: InstanceReader;
  readonly clock: Clock;
  /** Knows the network around the nodes; the guard assumes the widest thing that can be true without it. */
  readonly network?: NetworkReader;
  /** Remembers the names of Nodes between runs, for those that the function serves. */
  readonly names?: NodeNames;
};

export type Reconciliation = {
  readonly report: Report;
  readonly snapshot: Snapshot;
  readonly outcomes: readonly ActionOutcome[];
};

/**
 * One run. Level-based and idempotent: it may run at any time, twice at once, and be stopped anywhere.
 * @throws an error of `model/errors.ts` when the world could not be read whole; nothing was written then.
 */
export async function reconcile(
  request: ReconcileRequest,
  { settings, ...ports }: ReconcilePorts,
  signal: AbortSignal,
): Promise<Reconciliation> {
  const { id: owner, endpoints: templates, cluster } = settings;
  const look = {
    scope: scopeOf(request.triggers),
    namePatterns: templates.map((it) => it.name),
    publicAddresses: publicAddressesOf(templates),
    ...(cluster === undefined ? {} : { clusterName: cluster.name }),
    ...(settings.stage === "canary" ? { canary: { owner, probe: settings.canary.probe } } : {}),
  };
  const snapshot = await takeSnapshot(look, ports, signal);
  const wanted = buildDesired({ scope: snapshot.scope, nodes: snapshot.nodes, templates, owner });
  const desired = carryMarks(wanted, snapshot, settings);
  const plan = computePlan({ ...snapshot, desired, owner, kept: settings.kept });
  const { acceptLoosening = false } = request;
  const question = { plan, snapshot, safety: settings, acceptLoosening };
  const freshNode = (node: Node) => withKnownAddresses(node, snapshot);
  const proven = rollOut(guardPlan(question), question);
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
      takeSnapshot: () => takeSnapshot(look, ports, signal),
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
