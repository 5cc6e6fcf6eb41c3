/** An SQS message as Lambda hands it over, as far as we look at it. */
export type QueueRecord = {
  readonly id: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly queueArn: string;
  /** How often the queue has delivered it, this time included. */
  readonly deliveries: number;
};
