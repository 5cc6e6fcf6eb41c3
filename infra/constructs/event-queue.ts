import { Duration, Validations } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ClusterSettings } from "../settings.ts";
import type { Alarms } from "./alarms.ts";
import { encryptionKey } from "./encryption-key.ts";

/**
 * How long records are gathered before the function is woken. A scale-out sends several events per instance within seconds;
 * together they cost one snapshot. Longer would delay the first endpoint of every node by as much.
 */
export const BATCHING_WINDOW = Duration.seconds(5);

/** Enough for a scale-out storm in one invocation: 1,000 events of 1.5 KB stay far below Lambda's 6 MB. */
const BATCH_SIZE = 1000;

/**
 * How often a record is handed out before it goes to the dead-letter queue. A record of a launch comes back while its Node is
 * not registered; the function sets the delay itself (ChangeMessageVisibility: 15 s, then up to a minute), and after nine
 * deliveries leaves the machine to the resync (`lib/lifecycle`, WAITING_DELIVERIES). One more, so that only what failed or is
 * broken ends here: a malformed record within two minutes, a failing one after about eight.
 */
const MAX_RECEIVES = 10;

export type EventQueueProps = {
  readonly settings: ClusterSettings;
  readonly alarms: Alarms;
  /** Time limit of the function that reads the queue. */
  readonly functionTimeout: Duration;
};

/** The queue between EventBridge and the reconciler, and the two queues where evidence ends: what failed, and what never arrived. */
export class EventQueue extends Construct {
  readonly queue: Queue;
  /** Records that the function could not digest. */
  readonly deadLetters: Queue;
  /** Events and schedules that could not be handed over at all. */
  readonly undeliverable: Queue;

  constructor(scope: Construct, id: string, { settings, alarms, functionTimeout }: EventQueueProps) {
    super(scope, id);
    const encryptionMasterKey = encryptionKey(this, settings);
    const defaults: QueueProps = {
      enforceSSL: true,
      ...(encryptionMasterKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey }),
    };
    this.deadLetters = new Queue(this, "DeadLetters", { ...defaults, retentionPeriod: Duration.days(14) });
    this.undeliverable = new Queue(this, "Undeliverable", {
      ...defaults,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.undeliverable).acknowledge({
      id: "AwsSolutions::AwsSolutions-SQS3",
      reason:
        "It is a dead-letter queue: of the EventBridge targets and of the schedule, which cdk-nag does not look at.",
    });
    this.queue = new Queue(this, "Events", {
      ...defaults,
      // Six times the function's time limit plus the window (Lambda developer guide, "Using Lambda with Amazon SQS"): a batch
      // that Lambda itself has to retry must not come back while it is still being worked on.
      visibilityTimeout: Duration.seconds(6 * functionTimeout.toSeconds() + BATCHING_WINDOW.toSeconds()),
      // Longer than all visibility timeouts of a record together, or a poison record would expire before it reaches the dead-letter queue.
      retentionPeriod: Duration.days(1),
      // SQS lets 1 MB through; no event that we understand has a hundredth of this, and a batch must fit into the function's memory.
      maxMessageSizeBytes: 262_144,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });

    alarms.when({
      runbook: "events-dead-lettered",
      summary: "Events could not be processed and are kept as evidence.",
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum" }),
    });
    alarms.when({
      runbook: "events-undeliverable",
      summary: "EventBridge or the scheduler could not hand over events.",
      metric: this.undeliverable.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum" }),
    });
    // Longer than a launch waits for its Node (about seven minutes): a queue that nobody reads.
    alarms.when({
      runbook: "events-waiting",
      summary: "Events wait in the queue for more than 15 minutes.",
      metric: this.queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum" }),
      threshold: Duration.minutes(15).toSeconds(),
    });
  }

  /**
   * Lets `reader` read the queue. Two at a time is the least that a mapping can be limited to, and is safe because every write
   * is conflict-safe; reserved concurrency would throttle the mapping and push good records into the dead-letter queue (docs/aws.md 4).
   */
  feed(reader: LambdaFunction): void {
    reader.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: BATCH_SIZE,
        maxBatchingWindow: BATCHING_WINDOW,
        maxConcurrency: 2,
        reportBatchItemFailures: true,
      }),
    );
  }
}
