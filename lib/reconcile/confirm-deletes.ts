/**
 * A person's word that deletions which wait may go: written on each of the endpoints themselves, so that it holds for these and
 * no others, for whoever runs next, and ends by itself.
 *
 * In: until when, and for which nodes. Out: a report of what was confirmed. Deletes nothing: the next run does, with a live GET
 * of each Node as before.
 * Must never happen: a confirmation of something that the person was not shown.
 */
import pLimit from "p-limit";
import { annotateEndpoint } from "../apply/annotate-endpoint.ts";
import { causeOf } from "../apply/failure.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import { GatewayError, UsageError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Report } from "../model/report.ts";
import { CONFIRMED_ANNOTATION } from "../names/names.ts";
import { annotation } from "../plan/bookkeeping.ts";
import { buildConfirmReport } from "../report/build-confirm-report.ts";
import { decide, type DecisionPorts } from "./decide.ts";

/** So long holds a confirmation at most: what waits next week was not looked at today. */
const MOST_MILLISECONDS = 24 * 3_600_000;

export type ConfirmRequest = {
  /** Milliseconds from now, or since 1970; now is the API server's. */
  readonly until: { readonly kind: "for" | "at"; readonly milliseconds: number };
  /** Empty: all that wait. */
  readonly nodes: readonly string[];
  readonly mode: "apply" | "plan";
  readonly othersSettings?: "refuse";
};

/** @throws as `reconcile` does; UsageError when the time is past, or more than a day away. */
export async function confirmDeletes(
  { until, nodes, mode, ...others }: ConfirmRequest,
  ports: DecisionPorts,
  signal: AbortSignal,
): Promise<Report> {
  const { settings } = ports;
  const { guarded, snapshot } = await decide(
    { triggers: [{ kind: "resync", source: "manual" }], ...others },
    ports,
    signal,
  );
  const now = Date.parse(snapshot.takenAt);
  const end = until.kind === "at" ? until.milliseconds : now + until.milliseconds;
  if (!(end > now && end <= now + MOST_MILLISECONDS))
    throw new UsageError(
      `until: ${Number.isFinite(end) ? new Date(end).toISOString() : "no time"} must be later than now (${snapshot.takenAt} on the API server) and at most 24 hours away`,
    );
  const wanted = new Set(nodes);
  const waiting = guarded.withheld.flatMap(({ action, violation }) =>
    action.kind === "delete" &&
    (violation.reason === "delete-budget" || violation.reason === "delete-unconfirmed") &&
    (wanted.size === 0 || wanted.has(action.node))
      ? [action]
      : [],
  );
  const value = new Date(end).toISOString();
  const limit = pLimit(settings.limits.concurrency);
  const outcomes = await Promise.all(
    waiting.map(({ observed }) =>
      limit(() =>
        mode === "plan"
          ? ({ action: annotation(observed, { [CONFIRMED_ANNOTATION]: value }), outcome: "planned" } as const)
          : confirmOne(observed, value, { ...ports, group: snapshot.group }, signal),
      ),
    ),
  );
  return buildConfirmReport({
    group: snapshot.group,
    stage: settings.stage,
    until: value,
    waiting,
    outcomes,
  });
}

async function confirmOne(
  observed: HostEndpoint,
  until: string,
  { group, settings, cluster }: DecisionPorts & { readonly group: CalicoGroup },
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const action = annotation(observed, { [CONFIRMED_ANNOTATION]: until });
  try {
    const annotations = () => ({ [CONFIRMED_ANNOTATION]: until });
    const served = await annotateEndpoint(
      { observed, group, owner: settings.id, annotations },
      cluster,
      signal,
    );
    return served === undefined
      ? { action, outcome: "no-longer-needed", detail: "it is gone meanwhile, or not ours any more" }
      : { action, outcome: "applied", served };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { action, outcome: "failed", cause: causeOf(error), detail: error.message };
  }
}
