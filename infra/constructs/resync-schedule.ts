import { Duration, Stack } from "aws-cdk-lib";
import { MathExpression, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ClusterSettings } from "../settings.ts";
import type { Alarms } from "./alarms.ts";
import { hasHooks } from "./lifecycle-hooks.ts";
import { reconcilerMetric } from "./metrics.ts";

export type ResyncScheduleProps = {
  readonly settings: ClusterSettings;
  readonly alarms: Alarms;
  readonly target: LambdaFunction;
  readonly undeliverable: Queue;
  /** Longest time between two runs. */
  readonly interval: Duration;
};

/**
 * What a scheduled run is told. Always set: EventBridge Scheduler has no envelope of its own, and what Lambda gets without an
 * Input is not documented (docs/aws.md 3.2). A manual invoke takes the same shape (docs/output.md); the Scheduler puts its context
 * attributes in the place of what is in angle brackets, for the log.
 */
const RESYNC_INPUT = {
  action: "reconcile",
  source: "schedule",
  reason: "resync",
  scheduledAt: "<aws.scheduler.scheduled-time>",
  attempt: "<aws.scheduler.attempt-number>",
};

/**
 * The full resync: the correctness path. Straight to the function and not through the queue, so that a flood of events, or a
 * queue that is broken, cannot keep it from running.
 */
export class ResyncSchedule extends Construct {
  constructor(scope: Construct, id: string, props: ResyncScheduleProps) {
    super(scope, id);
    const { settings, alarms, target, undeliverable, interval } = props;
    const { account, region, partition } = Stack.of(this);

    // L1: the L2 target also grants every version and alias of the function (`arn:*`).
    const role = new Role(this, "Role", {
      description: `Starts the resync of cluster ${settings.cluster.name}`,
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        // Scheduler user guide, "Confused deputy prevention": the source is the schedule's group.
        conditions: {
          StringEquals: { "aws:SourceAccount": account },
          ArnEquals: {
            "aws:SourceArn": `arn:${partition}:scheduler:${region}:${account}:schedule-group/default`,
          },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.functionArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [undeliverable.queueArn] }),
    );
    if (settings.kmsKey !== undefined)
      role.addToPolicy(
        new PolicyStatement({
          // What SQS asks of a sender (SQS developer guide, "Key management"); CDK's own grant has patterns of actions.
          actions: ["kms:Decrypt", "kms:GenerateDataKey"],
          resources: [settings.kmsKey],
        }),
      );

    const schedule = new CfnSchedule(this, "Schedule", {
      description: `Full resync of the HostEndpoints of cluster ${settings.cluster.name}`,
      scheduleExpression: settings.schedule,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: target.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(RESYNC_INPUT),
        // By default a failed delivery is retried for a day; by then hundreds of resyncs have run.
        retryPolicy: {
          maximumEventAgeInSeconds: Math.max(60, Math.min(interval.toSeconds(), 86_400)),
          maximumRetryAttempts: 3,
        },
        deadLetterConfig: { arn: undeliverable.queueArn },
      },
    });
    // Scheduler checks at creation that it may assume the role and invoke: the policy must be there.
    schedule.node.addDependency(role);

    if (hasHooks(settings)) this.#answerHooks(props, role);

    const { period, periods } = lookBack(interval);
    alarms.when({
      runbook: "runs-missing",
      summary:
        "No run has succeeded for two intervals of the schedule, whether or not anything reported an error.",
      // FILL, because CloudWatch would otherwise answer missing data with older data points that it still has.
      metric: new MathExpression({
        expression: "FILL(succeeded, 0)",
        label: "Successful runs",
        usingMetrics: { succeeded: reconcilerMetric(settings, "Succeeded", { statistic: "Sum", period }) },
        period,
      }),
      below: true,
      periods: { bad: periods, of: periods },
      missing: TreatMissingData.BREACHING,
    });
  }

  #answerHooks({ settings, target, undeliverable }: ResyncScheduleProps, role: Role): void {
    const schedule = new CfnSchedule(this, "Hooks", {
      description: `Answers waiting machines of cluster ${settings.cluster.name}`,
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: target.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(HOOKS_INPUT),
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
        deadLetterConfig: { arn: undeliverable.queueArn },
      },
    });
    schedule.node.addDependency(role);
  }
}

/**
 * What the schedule for waiting machines is told. Every minute, for an answer that depended on an event, or on its record's coming
 * back, would be lost with it; nearly always nothing waits, and it costs one call or two to Auto Scaling.
 */
const HOOKS_INPUT = { action: "hooks", source: "schedule", reason: "waiting machines" };

/** Shortest period of the alarm: a run may take two minutes, and a schedule is punctual to the minute only. */
const SHORTEST_PERIOD_SECONDS = 180;
/** CloudWatch's longest period. */
const LONGEST_PERIOD_SECONDS = 86_400;

/** Periods that together cover two intervals, in what CloudWatch accepts: whole minutes, at most a day each, seven days in all. */
function lookBack(interval: Duration): { readonly period: Duration; readonly periods: number } {
  const seconds = Math.max(interval.toSeconds(), SHORTEST_PERIOD_SECONDS);
  if (seconds <= LONGEST_PERIOD_SECONDS)
    return { period: Duration.minutes(Math.ceil(seconds / 60)), periods: 2 };
  return {
    period: Duration.seconds(LONGEST_PERIOD_SECONDS),
    periods: Math.ceil((2 * seconds) / LONGEST_PERIOD_SECONDS),
  };
}
