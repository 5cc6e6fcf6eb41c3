/**
 * Break-glass: gives traffic back, then removes what we own.
 *
 * In: all of our endpoints, or those of some nodes. Out: a report of what was done.
 * Must never happen: a foreign endpoint that is touched, or an endpoint that is removed before it carries the allow
 * profile (a removal that a Felix misses must not leave a denying endpoint behind; docs/needs.md 1, row 23).
 */
import { applyPlan } from "../apply/apply-plan.ts";
import type { Settings } from "../config/settings.ts";
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

/** @throws an error of `model/errors.ts` when our endpoints could not be listed. */
export async function release(
  request: ReleaseRequest,
  { settings, cluster }: ReleasePorts,
  signal: AbortSignal,
): Promise<Report> {
  const { group, state } = await readClusterState(cluster, signal);
  const nodes = new Set(request.nodes ?? []);
  const isOurs = (it: HostEndpoint) => isOwned(it, settings.id) && (nodes.size === 0 || nodes.has(it.node));
  const all = await cluster.listHostEndpoints(group, signal);
  const ours = all.filter(isOurs);
  const apply = { group, owner: settings.id, concurrency: settings.limits.concurrency, wantedBy: () => [] };
  const report = (outcomes: readonly ActionOutcome[]) =>
    buildReleaseReport({ group, stage: settings.stage, endpoints: all, released: ours, outcomes, state });
  if (request.mode === "plan")
    return report(ours.map((it) => ({ action: removalOf(it), outcome: "planned" })));

  let left = ours;
  let allowing: readonly ActionOutcome[] = [];
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const denying = left.flatMap((it) => allowingUpdate(it));
    if (denying.length === 0) break;
    allowing = await applyPlan({ ...apply, actions: denying }, cluster, signal);
    left = (await cluster.listHostEndpoints(group, signal)).filter(isOurs);
  }
  const removable = left.filter((it) => allowingUpdate(it).length === 0);
  const kept = new Set(left.filter((it) => !removable.includes(it)).map((it) => it.name));
  const removed = await applyPlan({ ...apply, actions: removable.map(removalOf) }, cluster, signal);
  return report([...allowing.filter((it) => kept.has(it.action.name)), ...removed]);
}
