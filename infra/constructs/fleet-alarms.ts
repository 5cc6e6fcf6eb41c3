import { Duration } from "aws-cdk-lib";
import { TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { MetricName } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import type { Alarms } from "./alarms.ts";
import { hasHooks } from "./lifecycle-hooks.ts";
import { reconcilerMetric } from "./metrics.ts";

export type FleetAlarmsProps = {
  readonly settings: ClusterSettings;
  readonly alarms: Alarms;
  /** Longest time between two resyncs. */
  readonly interval: Duration;
};

/**
 * What the reconciler says about the fleet. Each looks at whole intervals of the schedule, so that every period holds a run;
 * without data an alarm stays as it is, because that runs are missing is an alarm of its own.
 */
export class FleetAlarms extends Construct {
  constructor(scope: Construct, id: string, { settings, alarms, interval }: FleetAlarmsProps) {
    super(scope, id);
    const seconds = Math.min(Math.max(interval.toSeconds(), 300), 86_400);
    const period = Duration.minutes(Math.ceil(seconds / 60));
    const when = (metric: MetricName, runbook: string, summary: string, periods: number, notify = true) => {
      alarms.when({
        runbook,
        summary,
        metric: reconcilerMetric(settings, metric, { period }),
        periods: { bad: periods, of: periods },
        notify,
        missing: TreatMissingData.IGNORE,
      });
    };
    // In `observe` everything is withheld, and in `canary` most nodes wait for their turn: known, and no reason to wake anybody.
    const writes = settings.stage !== "observe";
    const writesAll = settings.stage === "enforce";
    when(
      "Withheld",
      "endpoints-withheld",
      "The guard withholds endpoints: writing them would cut an essential flow.",
      1,
      writes,
    );
    when(
      "FlowsDenied",
      "flows-denied",
      "HostEndpoints as they stand deny flows that their nodes need: nodes may be cut off.",
      1,
    );
    when(
      "DeletesWaiting",
      "deletes-waiting",
      "Deletions of HostEndpoints are over the budget, or of nodes that live: they wait until a person confirms them.",
      1,
      writes,
    );
    when("Failed", "endpoints-failed", "Some HostEndpoints could not be written, run after run.", 2);
    // Three intervals: a new node is unprotected until it registers, and a deleted one's endpoint waits for its proof.
    when(
      "Unprotected",
      "nodes-unprotected",
      "Nodes have been without their HostEndpoint for three intervals.",
      3,
      writesAll,
    );
    when(
      "Stale",
      "endpoints-stale",
      "HostEndpoints of nodes that are gone have stayed for three intervals.",
      3,
      writes,
    );
    if (hasHooks(settings))
      alarms.when({
        runbook: "hooks-unanswered",
        summary: "Machines wait for an answer to their launch for longer than a heartbeat.",
        metric: reconcilerMetric(settings, "HooksUnanswered", { period: Duration.minutes(5) }),
        periods: { bad: 2, of: 2 },
      });
  }
}
