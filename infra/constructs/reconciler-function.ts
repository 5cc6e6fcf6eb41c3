import { Duration } from "aws-cdk-lib";
import type { Code, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import {
  armedParameterName,
  hooksParameterName,
  KUBERNETES_GROUP,
  KUBERNETES_USER,
  reconcileFunctionName,
} from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import type { Alarms } from "./alarms.ts";
import { ClusterFunction } from "./cluster-function.ts";
import type { EventQueue } from "./event-queue.ts";
import { reconcilerMetric } from "./metrics.ts";
import { parameterArn } from "./parameter-arn.ts";
import { grantWildcard } from "./wildcard.ts";

/**
 * Time limit. A first run over 5,000 nodes takes a quarter of this, with room for an API server that asks us to slow down; a
 * cluster that does not answer is given up much earlier by the function itself.
 */
export const RECONCILE_TIMEOUT = Duration.seconds(120);

/**
 * Memory in MiB. A run over 5,000 nodes stays under 256; the rest buys processor time, of which Lambda gives in proportion
 * (1,769 MiB are one processor), and which a run needs for parsing lists.
 */
export const RECONCILE_MEMORY = 512;

/** Share of time or memory from which on somebody should know. */
const NEAR_LIMIT = 0.85;

export type ReconcilerFunctionProps = {
  readonly settings: ClusterSettings;
  readonly code: Code;
  readonly alarms: Alarms;
  readonly events: EventQueue;
  /** Longest time between two resyncs. */
  readonly interval: Duration;
  /** How long Lambda keeps a scheduled run that it could not start or that failed. */
  readonly maxEventAge: Duration;
};

/** The function that reconciles: woken by the queue, by the schedule, and by hand. */
export class ReconcilerFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ReconcilerFunctionProps) {
    super(scope, id);
    const { settings, code, alarms, events, interval, maxEventAge } = props;
    const member = new ClusterFunction(this, "Reconcile", {
      settings,
      functionName: reconcileFunctionName(settings.cluster.name, settings.id),
      description: `Keeps the Calico HostEndpoints of cluster ${settings.cluster.name}`,
      code,
      memory: RECONCILE_MEMORY,
      timeout: RECONCILE_TIMEOUT,
      logRetention: RetentionDays.THREE_MONTHS,
      logOnDestroy: "go",
      kubernetes: { group: KUBERNETES_GROUP, username: KUBERNETES_USER },
    });
    this.function = member.function;
    this.role = member.role;

    // A scheduled run that fails is tried twice more, but never beyond the next one.
    this.function.configureAsyncInvoke({ retryAttempts: 2, maxEventAge });
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ["ssm:GetParameter"],
        resources: [armedParameterName, hooksParameterName].map((nameOf) =>
          parameterArn(this, nameOf(settings.cluster.name, settings.id)),
        ),
      }),
    );
    events.feed(this.function);
    grantWildcard(this.role, {
      actions: ["ec2:DescribeInstances", "ec2:DescribeVpcs"],
      resource: "*",
      reason:
        "EC2 has no resource-level permission for Describe actions. Where a policy names addresses, the guard must know the VPC's own.",
    });

    // Over whole intervals of the schedule: with a run in every second period, two bad ones of three never come together.
    const period = Duration.seconds(Math.min(Math.max(interval.toSeconds(), 300), 86_400));
    alarms.when({
      runbook: "function-errors",
      summary: "Runs of the reconciler fail again and again.",
      metric: this.function.metricErrors({ period, statistic: "Sum" }),
      periods: { bad: 2, of: 3 },
    });
    alarms.when({
      runbook: "function-throttled",
      summary: "Lambda refuses to start the reconciler: the account's concurrency is used up.",
      metric: this.function.metricThrottles({ period, statistic: "Sum" }),
      periods: { bad: 2, of: 3 },
    });
    alarms.when({
      runbook: "function-slow",
      summary: "Runs of the reconciler take nearly as long as they may.",
      metric: this.function.metricDuration({ period, statistic: "Maximum" }),
      threshold: NEAR_LIMIT * RECONCILE_TIMEOUT.toMilliseconds(),
      periods: { bad: 2, of: 3 },
    });
    alarms.when({
      runbook: "function-memory",
      summary: "Runs of the reconciler need nearly all the memory that they have.",
      metric: reconcilerMetric(settings, "MemoryMegabytes", { period }),
      threshold: NEAR_LIMIT * RECONCILE_MEMORY,
      periods: { bad: 2, of: 3 },
    });
  }
}
