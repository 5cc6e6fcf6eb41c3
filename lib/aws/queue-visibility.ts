/**
 * Says when the queue should deliver a record again. Without it a record that waits for its Node would come back only
 * after the queue's visibility timeout, which is six times the function's timeout.
 */
import type { GatewayError } from "../model/errors.ts";
import { classifyError } from "./classify-error.ts";
import { sqsCalls } from "./clients/sqs.ts";
import { once, type AwsOptions } from "./client-options.ts";
import { partitionDomain } from "./regional-sts-host.ts";

export type Postponement = { readonly receiptHandle: string; readonly delaySeconds: number };

export type QueueVisibility = {
  /** The failures, if any: such a record comes back after the queue's own visibility timeout. Never throws. */
  postpone(
    queueArn: string,
    postponements: readonly Postponement[],
    signal: AbortSignal,
  ): Promise<readonly GatewayError[]>;
};

/** SQS's limit on entries in one call. */
const ENTRIES_PER_CALL = 10;

export function queueVisibility(options: AwsOptions): QueueVisibility {
  const calls = once(async () => sqsCalls(options));

  async function postponeSome(
    queueUrl: string,
    some: readonly Postponement[],
    signal: AbortSignal,
  ): Promise<readonly GatewayError[]> {
    try {
      const sqs = await calls();
      const answer = await sqs.changeVisibility(
        {
          QueueUrl: queueUrl,
          Entries: some.map((it, index) => ({
            Id: String(index),
            ReceiptHandle: it.receiptHandle,
            VisibilityTimeout: it.delaySeconds,
          })),
        },
        signal,
      );
      return (answer.Failed ?? []).map((it) =>
        classifyError(new Error(it.Message ?? it.Code ?? "refused"), "ChangeMessageVisibility"),
      );
    } catch (error) {
      return [classifyError(error, "ChangeMessageVisibility")];
    }
  }

  return {
    postpone: async (queueArn, postponements, signal) => {
      const slices: (readonly Postponement[])[] = [];
      for (let from = 0; from < postponements.length; from += ENTRIES_PER_CALL)
        slices.push(postponements.slice(from, from + ENTRIES_PER_CALL));
      const failures = await Promise.all(slices.map((it) => postponeSome(queueUrlOf(queueArn), it, signal)));
      return failures.flat();
    },
  };
}

/** A record names its queue by ARN; the call wants the URL, whose host the SDK takes as the endpoint. */
export function queueUrlOf(queueArn: string): string {
  const [, , , region = "", account = "", name = ""] = queueArn.split(":");
  return `https://sqs.${region}.${partitionDomain(region)}/${account}/${name}`;
}
