import type { Context } from "aws-lambda";
import type { createReconcileHandler } from "../../reconcile/create-handler.ts";

type Handler = ReturnType<typeof createReconcileHandler>;

/** Milliseconds that a run may take, as the deployed function's timeout says. */
const TIMEOUT_MILLISECONDS = 60_000;

/** Hands events to the handler as Lambda's SQS poller does, one batch. Answers how many records must come again. */
export async function deliver(handler: Handler, events: readonly object[], deliveries = 1): Promise<number> {
  const answer = await handler(
    {
      Records: events.map((event, index) => ({
        messageId: `message-${index}`,
        receiptHandle: `receipt-${index}`,
        body: JSON.stringify(event),
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-west-1:111122223333:demo",
        attributes: { ApproximateReceiveCount: String(deliveries) },
      })),
    },
    invocationContext(),
  );
  return "batchItemFailures" in answer ? answer.batchItemFailures.length : 0;
}

/** Invokes the handler as the EventBridge Scheduler or a person does. */
export function invoke(handler: Handler, payload: object): ReturnType<Handler> {
  return handler(payload, invocationContext());
}

function invocationContext(): Context {
  const started = Date.now();
  return {
    awsRequestId: crypto.randomUUID(),
    functionName: "demo-reconcile",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:111122223333:function:demo-reconcile",
    memoryLimitInMB: "512",
    logGroupName: "demo",
    logStreamName: "demo",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => TIMEOUT_MILLISECONDS - (Date.now() - started),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
