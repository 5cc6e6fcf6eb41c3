/**
 * Lambda's event source mapping for an SQS queue: takes batches, invokes, deletes what was digested and leaves the rest to
 * the queue's visibility timeout and redrive.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, services-sqs-errorhandling.html (ReportBatchItemFailures)
 */
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { InvocationResult } from "./start-runtime-api.ts";

export type PollerOptions = {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly client: SQSClient;
  readonly invoke: (payload: unknown) => Promise<InvocationResult>;
  /** How long records are gathered. */
  readonly windowMilliseconds: number;
  readonly batchSize?: number;
};

export type QueuePoller = {
  /** One entry for each batch so far: how many records went in, and how many were to come again. */
  readonly batches: readonly { readonly records: number; readonly again: number }[];
  /** Lets the batch under way end. Rejects with what made polling impossible, if anything did. */
  readonly stop: () => Promise<void>;
};

export function pollQueue(options: PollerOptions): QueuePoller {
  const batches: { readonly records: number; readonly again: number }[] = [];
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const messages = await gather(options, () => stopped);
      if (messages.length === 0) continue;
      const again = failuresOf(
        await options.invoke({ Records: messages.map((it) => asRecord(it, options.queueArn)) }),
        messages,
      );
      await forget(
        options,
        messages.filter((it) => !again.has(it.MessageId ?? "")),
      );
      batches.push({ records: messages.length, again: again.size });
    }
  };
  const ended = loop();
  ended.catch(() => undefined);
  return {
    batches,
    stop: async () => {
      stopped = true;
      await ended;
    },
  };
}

/** Until the window has passed since the first message, or the batch is full. */
async function gather(options: PollerOptions, isStopped: () => boolean): Promise<readonly Message[]> {
  const { client, queueUrl: QueueUrl, batchSize = 1000, windowMilliseconds } = options;
  const messages: Message[] = [];
  let until = Number.POSITIVE_INFINITY;
  while (messages.length < batchSize && Date.now() < until && (messages.length > 0 || !isStopped())) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: messages.length === 0 ? 1 : 0,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
      }),
    );
    if (Messages.length > 0 && messages.length === 0) until = Date.now() + windowMilliseconds;
    messages.push(...Messages);
    if (Messages.length === 0 && messages.length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return messages;
}

/**
 * The ids that must come again: all of them when the function threw or answered with something that is no partial batch
 * response, or names a record that was not in the batch.
 */
export function failuresOf(result: InvocationResult, messages: readonly Message[]): ReadonlySet<string> {
  const all = new Set(messages.map((it) => it.MessageId ?? ""));
  if (result.kind === "error") return all;
  const { payload } = result;
  if (payload === null || payload === undefined) return new Set();
  if (typeof payload !== "object" || !("batchItemFailures" in payload)) return new Set();
  const { batchItemFailures } = payload as {
    readonly batchItemFailures: readonly { readonly itemIdentifier?: string }[] | null;
  };
  const failed = (batchItemFailures ?? []).map((it) => it.itemIdentifier ?? "");
  return failed.every((it) => all.has(it)) ? new Set(failed) : all;
}

function asRecord(message: Message, queueArn: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: {},
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: "eu-west-1",
  };
}

async function forget({ client, queueUrl }: PollerOptions, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += 10)
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: messages
          .slice(from, from + 10)
          .map((it, index) => ({ Id: String(index), ReceiptHandle: it.ReceiptHandle })),
      }),
    );
}
