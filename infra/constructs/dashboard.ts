import { CfnOutput, Duration } from "aws-cdk-lib";
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  MathExpression,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { installationName } from "../../lib/names/names.ts";
import type { MetricName } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import type { EventQueue } from "./event-queue.ts";
import { reconcilerMetric } from "./metrics.ts";

export type DashboardProps = {
  readonly settings: ClusterSettings;
  readonly events: EventQueue;
  readonly reconcile: LambdaFunction;
};

/** One page for the question "is every node protected, and if not, why?" */
export class Dashboard extends Construct {
  readonly name: CfnOutput;

  constructor(scope: Construct, id: string, { settings, events, reconcile }: DashboardProps) {
    super(scope, id);
    const { cluster } = settings;
    const metric = (name: MetricName, statistic = "Maximum") =>
      reconcilerMetric(settings, name, { statistic, label: name });
    const counts = (names: readonly MetricName[]) => names.map((name) => metric(name, "Sum"));

    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      // With the region: dashboards are global to an account, clusters are not.
      dashboardName: `${installationName(cluster.name, settings.id)}-${cluster.region}`,
      defaultInterval: Duration.hours(12),
    });
    dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 1,
        markdown: `Calico HostEndpoints of EKS cluster **${cluster.name}**, stage **${settings.stage}**, resync **${settings.schedule}**. What to do when: infra/RUNBOOK.md`,
      }),
    );
    dashboard.addWidgets(
      new SingleValueWidget({
        title: "Protected, of all nodes",
        width: 6,
        height: 6,
        metrics: [
          metric("Protected"),
          metric("Nodes"),
          new MathExpression({
            label: "%",
            expression: "100 * protected / nodes",
            usingMetrics: { protected: metric("Protected"), nodes: metric("Nodes") },
          }),
        ],
      }),
      new GraphWidget({
        title: "Nodes",
        width: 9,
        height: 6,
        left: [
          metric("Nodes"),
          metric("Protected"),
          metric("Unprotected"),
          metric("Stale"),
          metric("Foreign"),
        ],
      }),
      new GraphWidget({
        title: "Time to protect a new node (s)",
        width: 9,
        height: 6,
        left: ["p50", "p95"].map((statistic) =>
          reconcilerMetric(settings, "TimeToProtectSeconds", { statistic, label: statistic }),
        ),
      }),
    );
    dashboard.addWidgets(
      new GraphWidget({ title: "Writes", width: 8, left: counts(["Created", "Updated", "Deleted"]) }),
      new GraphWidget({
        title: "Withheld, denied and failed",
        width: 8,
        left: [metric("Withheld"), metric("FlowsDenied"), metric("Failed")],
      }),
      new GraphWidget({
        title: "Queue",
        width: 8,
        left: [
          events.queue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", label: "Waiting" }),
          events.deadLetters.metricApproximateNumberOfMessagesVisible({
            statistic: "Maximum",
            label: "Dead letters",
          }),
          events.undeliverable.metricApproximateNumberOfMessagesVisible({
            statistic: "Maximum",
            label: "Undeliverable",
          }),
        ],
        right: [
          events.queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", label: "Oldest (s)" }),
        ],
      }),
    );
    dashboard.addWidgets(
      new GraphWidget({
        title: "Runs",
        width: 8,
        left: [
          reconcile.metricInvocations({ label: "Started" }),
          metric("Succeeded", "Sum"),
          reconcile.metricErrors({ label: "Errors" }),
          reconcile.metricThrottles({ label: "Throttled" }),
        ],
      }),
      new GraphWidget({
        title: "Duration of a run (ms)",
        width: 8,
        left: ["p50", "p95"].map((statistic) =>
          reconcilerMetric(settings, "RunMilliseconds", { statistic, label: statistic }),
        ),
      }),
      new GraphWidget({ title: "Requests to the API server", width: 8, left: counts(["ApiRequests"]) }),
    );
    this.name = new CfnOutput(this, "Name", {
      description: "Dashboard, in the CloudWatch console",
      value: dashboard.dashboardName,
    });
  }
}
