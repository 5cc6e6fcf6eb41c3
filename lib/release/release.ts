/**
 * Break-glass: gives traffic back, then removes what we own.
 *
 * In: all of our endpoints, or those of some nodes. Out: a report of what the API server serves when it is over: an endpoint that a
 * finalizer keeps is in force, and is said to be.
 * Must never happen: a foreign endpoint that is touched, or an endpoint that is removed before it carries the allow
 * profile (a removal that a Felix misses must not leave a denying endpoint behind; docs/needs.md 1, row 23), or a release
 * that calls itself done while something of ours governs.
 */
import { applyPlan } from "../apply/apply-plan.ts";
import type { ApplyRequest } from "../apply/apply-request.ts";
import type { Settings } from "../config/settings.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import { GatewayError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Report } from "../model/report.ts";
import { allowingUpdate, removalOf } from "../plan/give-back.ts";
import { isOwned } from "../plan/ownership.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { buildReleaseReport } from "../report/build-release-report.ts";
import { readClusterState } from "../snapshot/read-cluster-state.ts";

export type ReleaseRequest = {
  /** Absent or empty: all nodes. */
  readonly nodes?: readonly string[];
  /** Computes what would be done and writes nothing. */
  readonly mode: "apply" | "plan";
};
export type ReleasePorts = {
  readonly settings: Settings;
  readonly cluster: ClusterGateway;
  readonly clock: Clock;
};

/** How often what still denies is looked at again: somebody else may write in between. */
const MOST_ROUNDS = 3;

/** A run that began before the release may still be writing: one event takes half a second. Traffic is given back before the first wait. */
const LATE_LOOK_MILLISECONDS = 2_000;
const MOST_LATE_LOOKS = 3;

/** @throws an error of `model/errors.ts` when our endpoints could not be listed. */
export async function release(
  request: ReleaseRequest,
  { settings, cluster, clock }: ReleasePorts,
  signal: AbortSignal,
): Promise<Report> {
  const { group, state } = await readClusterState(cluster, signal);
  const nodes = new Set(request.nodes ?? []);
  const isOurs = (it: HostEndpoint) => isOwned(it, settings.id) && (nodes.size === 0 || nodes.has(it.node));
  const all = await cluster.listHostEndpoints(group, signal);
  const released = new Map(all.filter(isOurs).map((it) => [it.name, it]));
  const report = (outcomes: readonly ActionOutcome[]) =>
    buildReleaseReport({
      group,
      stage: settings.stage,
      foreign: all.filter((it) => !isOurs(it)).length,
      released: [...released.values()],
      outcomes,
      state,
    });
  if (request.mode === "plan")
    return report([...released.values()].map((it) => ({ action: removalOf(it), outcome: "planned" })));

  const apply = { group, owner: settings.id, concurrency: settings.limits.concurrency, wantedBy: () => [] };
  // By UID: what somebody writes anew under the name is another one.
  const outcomes = new Map<string, ActionOutcome>();
  let left: readonly HostEndpoint[] = [...released.values()];
  for (let look = 0; ; look++) {
    for (const it of left) released.set(it.name, it);
    for (const it of await giveBack(left, isOurs, apply, cluster, signal))
      if (it.action.kind !== "create") outcomes.set(it.action.observed.uid, it);
    const isLast = look === MOST_LATE_LOOKS || !(await sleep(clock, signal));
    const seen = await lookAgain(group, cluster, signal);
    if ("unseen" in seen) return withUnseen(report([...outcomes.values()]), seen.unseen);
    left = seen.endpoints.filter(isOurs);
    if (left.length === 0) break;
    if (isLast) {
      for (const it of left) outcomes.set(it.uid, stillGoverns(it, outcomes.get(it.uid)));
      break;
    }
  }
  return report([...outcomes.values()]);
}

/** A list that fails at the end takes nothing from what was done; but nobody vouches for it. */
async function lookAgain(
  group: CalicoGroup,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<{ readonly endpoints: readonly HostEndpoint[] } | { readonly unseen: string }> {
  try {
    return { endpoints: await cluster.listHostEndpoints(group, signal) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { unseen: error.message };
  }
}

function withUnseen(report: Report, because: string): Report {
  return {
    ...report,
    status: report.status === "failed" ? "failed" : "partial",
    findings: [
      ...report.findings,
      {
        severity: "error",
        code: "release-unverified",
        object: "Cluster/hostendpoints",
        message: `what the API server serves after the release could not be read: ${because}`,
        fix: "release again: it goes on where it stopped, and looks",
      },
    ],
  };
}

/** Of ours, and served when the last look was over. */
function stillGoverns(endpoint: HostEndpoint, before: ActionOutcome | undefined): ActionOutcome {
  if (before?.outcome === "failed") return before;
  return {
    action: removalOf(endpoint),
    outcome: "failed",
    cause: "not-as-written",
    detail: `HostEndpoint/${endpoint.name} is there again each time it is removed: somebody writes it anew. Keep the reconciler off with "hepctl invoke release", or stop the loop that runs it`,
  };
}

/** One pass: the allow profile on all of them, then away with those that carry it. */
async function giveBack(
  ours: readonly HostEndpoint[],
  isOurs: (it: HostEndpoint) => boolean,
  apply: Omit<ApplyRequest, "actions">,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly ActionOutcome[]> {
  let left = ours;
  let allowing: readonly ActionOutcome[] = [];
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const denying = left.flatMap((it) => allowingUpdate(it));
    if (denying.length === 0) break;
    allowing = await applyPlan({ ...apply, actions: denying }, cluster, signal);
    left = (await cluster.listHostEndpoints(apply.group, signal)).filter(isOurs);
  }
  const removable = left.filter((it) => allowingUpdate(it).length === 0);
  const kept = new Set(left.filter((it) => !removable.includes(it)).map((it) => it.name));
  const removed = await applyPlan({ ...apply, actions: removable.map(removalOf) }, cluster, signal);
  return [...allowing.filter((it) => kept.has(it.action.name)), ...removed];
}

/** False when the time was up first. */
async function sleep(clock: Clock, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return clock.sleep(LATE_LOOK_MILLISECONDS, signal).then(
    () => !signal.aborted,
    () => false,
  );
}
