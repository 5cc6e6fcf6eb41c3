/**
 * The deciding half of the sentence: scope it, snapshot the world, build what is desired, compute the plan, guard it, roll it out.
 *
 * In: why we woke, settings, ports that read. Out: what may be done, and everything that it was decided from. Writes nothing.
 */
import { fingerprintOf, type SettingsOrigin } from "../config/fingerprint.ts";
import type { Settings } from "../config/settings.ts";
import { publicAddressesOf } from "../desired/addresses.ts";
import { buildDesired } from "../desired/build-desired.ts";
import { bookDeletions } from "../guard/deletions/book-deletions.ts";
import { countDeletions } from "../guard/deletions/count-deletions.ts";
import { guardPlan } from "../guard/guard-plan.ts";
import type { GuardRequest } from "../guard/rule.ts";
import type { Desired } from "../model/desired.ts";
import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { Plan } from "../model/plan.ts";
import { writeFingerprint } from "../model/settings-fingerprint.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Trigger } from "../model/trigger.ts";
import { computePlan } from "../plan/compute-plan.ts";
import type { InstanceReader } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterReader, ClusterGateway } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";
import type { NodeNames } from "../ports/node-names.ts";
import { carryMarks } from "../rollout/carry-marks.ts";
import { rollOut } from "../rollout/roll-out.ts";
import { scopeOf } from "../scope/scope-of.ts";
import { takeSnapshot, type SnapshotRequest } from "../snapshot/take-snapshot.ts";
import { refuseOthers, settingsChanged } from "./settings-changed.ts";

export type DecisionRequest = {
  readonly triggers: readonly Trigger[];
  /** A person without a settings file must not undo what a file made: refuses then. Default: goes on, and says so. */
  readonly othersSettings?: "refuse";
  /** A person accepts that flows are opened which a policy denied before. */
  readonly acceptLoosening?: boolean;
};

export type DecisionPorts = {
  readonly settings: Settings;
  /** Where the settings come from: every endpoint that is written is signed with it. Absent: none is. */
  readonly origin?: SettingsOrigin;
  readonly cluster: ClusterGateway;
  readonly instances?: InstanceReader;
  readonly clock: Clock;
  /** Knows the network around the nodes; the guard assumes the widest thing that can be true without it. */
  readonly network?: NetworkReader;
  /** Remembers the names of Nodes between runs, for those that the function serves. */
  readonly names?: NodeNames;
};

export type Decision = {
  readonly snapshot: Snapshot;
  readonly desired: Desired;
  readonly plan: Plan;
  readonly guarded: GuardedPlan;
  /** What the guard was asked. */
  readonly question: GuardRequest;
  /** Looks once more at what was looked at. */
  readonly takeSnapshotAgain: () => Promise<Snapshot>;
};

/** @throws an error of `model/errors.ts` when the world could not be read whole; UsageError when other settings are refused. */
export async function decide(
  request: DecisionRequest,
  ports: Omit<DecisionPorts, "cluster"> & { readonly cluster: ClusterReader },
  signal: AbortSignal,
): Promise<Decision> {
  const decision = await look(request, ports, "scope", signal);
  // Deletions are counted over the whole cluster, whatever a run was asked to look at.
  return mustCount(decision) ? look(request, ports, "cluster", signal) : decision;
}

async function look(
  request: DecisionRequest,
  { settings, origin, ...ports }: Parameters<typeof decide>[1],
  reads: "scope" | "cluster",
  signal: AbortSignal,
): Promise<Decision> {
  const { id: owner, endpoints: templates, cluster } = settings;
  const view: SnapshotRequest = {
    scope: scopeOf(request.triggers),
    whole: reads === "cluster",
    namePatterns: templates.map((it) => it.name),
    publicAddresses: publicAddressesOf(templates),
    ...(cluster === undefined ? {} : { clusterName: cluster.name }),
    ...(settings.stage === "canary" ? { canary: { owner, probe: settings.canary.probe } } : {}),
  };
  const takeSnapshotAgain = () => takeSnapshot(view, ports, signal);
  const snapshot = await takeSnapshotAgain();
  const fingerprint = origin === undefined ? undefined : fingerprintOf(settings, origin);
  const signed = fingerprint === undefined ? {} : { signature: writeFingerprint(fingerprint) };
  const wanted = buildDesired({ scope: snapshot.scope, nodes: snapshot.nodes, templates, owner });
  const desired = carryMarks(wanted, snapshot, settings);
  const plan = computePlan({ ...snapshot, desired, owner, kept: settings.kept, ...signed });
  const { acceptLoosening = false } = request;
  const question = { plan, snapshot, safety: settings, acceptLoosening };
  const changed = fingerprint === undefined ? undefined : settingsChanged(question, fingerprint);
  if (changed !== undefined && request.othersSettings === "refuse") refuseOthers(changed);
  const guarded = bookDeletions(rollOut(guardPlan(question), question), question);
  const findings = [...(changed?.findings ?? []), ...guarded.findings];
  return { snapshot, desired, plan, guarded: { ...guarded, findings }, question, takeSnapshotAgain };
}

/** One deletion that is proven by two is ordinary life; everything else is counted against what others delete. */
function mustCount({ question }: Decision): boolean {
  if (question.snapshot.complete) return false;
  const { classes } = countDeletions(question);
  const of = (word: string) => classes.find((it) => it.class === word)?.deletes.length ?? 0;
  return (
    of("unproven") > 0 ||
    of("proven") > 1 ||
    (of("unwanted") > 0 && question.safety.limits.unwantedDeletes > 0)
  );
}
