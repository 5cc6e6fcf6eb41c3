/**
 * Removes endpoints of others whose Node is gone, because a person asked for it.
 *
 * In: nothing but the cluster. Out: a report. Each removal is proven as ours are: a fresh GET of the Node, the endpoint's own UID and
 * resourceVersion, the guard and its budget. Must never happen: an endpoint that is removed while its Node is there.
 */
import { applyPlan } from "../apply/apply-plan.ts";
import { guardPlan } from "../guard/guard-plan.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { DeleteAction } from "../model/plan.ts";
import type { Report } from "../model/report.ts";
import { isOwned } from "../plan/ownership.ts";
import { systemClock } from "../ports/clock.ts";
import { reportOutcome, reportWithheld } from "../report/report-action.ts";
import { takeSnapshot } from "../snapshot/take-snapshot.ts";
import type { AdoptPorts, AdoptRequest } from "./adopt-request.ts";
import { buildAdoptReport } from "./build-adopt-report.ts";

/** @throws an error of `model/errors.ts` when the cluster could not be read whole. */
export async function removeOrphans(
  mode: AdoptRequest["mode"],
  ports: AdoptPorts,
  signal: AbortSignal,
): Promise<Report> {
  const { settings, cluster } = ports;
  const snapshot = await takeSnapshot(
    { scope: { kind: "cluster" }, namePatterns: [] },
    { ...ports, clock: systemClock },
    signal,
  );
  const absent = new Set(snapshot.absentNodes);
  const actions = snapshot.hostEndpoints
    .filter((it) => absent.has(it.node) && it.node !== "" && !it.deleting && !isOwned(it, settings.id))
    .map((observed): DeleteAction => ({
      kind: "delete",
      name: observed.name,
      node: observed.node,
      observed,
      reason: "node-gone",
    }));
  const guarded = guardPlan({ plan: { actions, unchanged: [], foreign: [] }, snapshot, safety: settings });
  const outcomes =
    mode === "plan"
      ? guarded.allowed.map((action): ActionOutcome => ({ action, outcome: "planned" }))
      : await applyPlan(
          {
            actions: guarded.allowed,
            group: snapshot.group,
            owner: settings.id,
            concurrency: settings.limits.concurrency,
            wantedBy: () => [],
          },
          cluster,
          signal,
        );
  return buildAdoptReport({
    group: snapshot.group,
    stage: settings.stage,
    actions: [...outcomes.map(reportOutcome), ...guarded.withheld.map(reportWithheld)].sort((a, b) =>
      a.hostEndpoint < b.hostEndpoint ? -1 : 1,
    ),
    findings: guarded.findings.filter((it) => it.code === "delete-budget"),
  });
}
