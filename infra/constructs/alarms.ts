import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Stack } from "aws-cdk-lib";
import { Construct } from "constructs";
import { installationName } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import { encryptionKey } from "./encryption-key.ts";

/** One thing that a person should know about. */
export type AlarmRequest = {
  /** Section of `infra/RUNBOOK.md`, in kebab case; also the end of the alarm's name. */
  readonly runbook: string;
  /** What has happened, in a sentence. */
  readonly summary: string;
  readonly metric: IMetric;
  /** Alarms at this value or above. Default 1. */
  readonly threshold?: number;
  /** Alarms below the threshold instead. */
  readonly below?: boolean;
  /** Periods that must be bad, out of how many. Default 1 of 1. */
  readonly periods?: { readonly bad: number; readonly of: number };
  /** False: the alarm shows its state and tells nobody. Default true. */
  readonly notify?: boolean;
  /** What a period without data means. Default: nothing happened, so nothing is wrong. */
  readonly missing?: TreatMissingData;
};

/**
 * Where alarms go: the topic of the settings, or one of our own. The other constructs hand in what can go wrong with them,
 * each with a section of the runbook: an alarm nobody can act on is noise.
 */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly #settings: ClusterSettings;

  constructor(scope: Construct, id: string, settings: ClusterSettings) {
    super(scope, id);
    this.#settings = settings;
    const { topicArn, email } = settings.alarms;
    this.topic = topicArn === undefined ? this.#ownTopic() : Topic.fromTopicArn(this, "Topic", topicArn);
    if (email !== undefined) this.topic.addSubscription(new EmailSubscription(email));
  }

  /** Adds an alarm; it reports both when it begins and when it is over. */
  when(request: AlarmRequest): void {
    const {
      runbook,
      summary,
      metric,
      threshold = 1,
      below = false,
      periods,
      missing,
      notify = true,
    } = request;
    const { cluster, id } = this.#settings;
    const alarm = new Alarm(this, runbook, {
      alarmName: `${installationName(cluster.name, id)}-${runbook}`,
      alarmDescription: `${summary} Cluster ${cluster.name}. What to do: infra/RUNBOOK.md#${runbook}`,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods?.of ?? 1,
      datapointsToAlarm: periods?.bad ?? 1,
      actionsEnabled: notify,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  /**
   * `enforceSSL` gives the topic an explicit policy, and with it the implicit one goes that let CloudWatch publish:
   * it is written here. No key by default: alarms hold numbers and names, and CloudWatch cannot use the AWS-managed one.
   */
  #ownTopic(): Topic {
    const masterKey = encryptionKey(this, this.#settings);
    const topic = new Topic(this, "Topic", {
      enforceSSL: true,
      ...(masterKey === undefined ? {} : { masterKey }),
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    return topic;
  }
}
