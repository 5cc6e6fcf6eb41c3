/**
 * What came in -> what goes out.
 *
 * In: a batch of queue records, or one payload (the EventBridge Scheduler, a rule that invokes directly, a person).
 * Out: which records must come again, or the report. A payload that is wrong is refused whole, with every problem.
 */
import * as z from "zod";
import { InvalidError } from "../../lib/model/errors.ts";
import type { RememberingPorts } from "./fleet-memory.ts";
import { describeProblems } from "../../lib/trigger/parse-request.ts";
import type { Invocation } from "../shared/shell.ts";
import { versioned } from "../shared/versioned.ts";
import { answerBatch, type BatchAnswer } from "./answer-batch.ts";
import { answerRequest, type RequestAnswer } from "./answer-request.ts";
import type { QueueRecord } from "./queue-record.ts";

const queueBatch = z.object({
  Records: z
    .array(
      z.object({
        messageId: z.string().min(1),
        receiptHandle: z.string().default(""),
        body: z.string(),
        eventSource: z.literal("aws:sqs"),
        eventSourceARN: z.string().default(""),
        attributes: z
          .object({ ApproximateReceiveCount: z.coerce.number().int().min(1).default(1) })
          .prefault({}),
      }),
    )
    .min(1),
});

export async function answerEvent(
  event: unknown,
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<BatchAnswer | (RequestAnswer & { readonly formatVersion: number })> {
  if (!isBatch(event)) return versioned(await answerRequest(event, ports, invocation));
  const parsed = queueBatch.safeParse(event);
  if (!parsed.success)
    // No refusal: an answer without failures would acknowledge the records.
    throw new InvalidError(`not a batch of SQS records: ${describeProblems(parsed.error).join("; ")}`);
  const records = parsed.data.Records.map((it): QueueRecord => ({
    id: it.messageId,
    receiptHandle: it.receiptHandle,
    body: it.body,
    queueArn: it.eventSourceARN,
    deliveries: it.attributes.ApproximateReceiveCount,
  }));
  return answerBatch(records, ports, invocation);
}

function isBatch(event: unknown): boolean {
  return typeof event === "object" && event !== null && "Records" in event;
}
