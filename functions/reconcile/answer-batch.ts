/**
 * A batch of queue records -> which of them must come again.
 *
 * One run for all of them: one scope, one read, one plan. Then each hook gets its answer and each record its disposition.
 * Must never happen: one broken record that brings the others back, or an exception (the whole batch would come back).
 */
import { decideDisposition, type Disposition } from "../../lib/lifecycle/decide-disposition.ts";
import type { ParsedTrigger } from "../../lib/model/trigger.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import { parseTrigger } from "../../lib/trigger/parse-trigger.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";
import { answerTriggers } from "./answer-triggers.ts";
import type { RememberingPorts } from "./fleet-memory.ts";
import type { QueueRecord } from "./queue-record.ts";

/** Lambda's partial batch response. */
export type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

type Entry = { readonly record: QueueRecord; readonly parsed: ParsedTrigger };

export async function answerBatch(
  records: readonly QueueRecord[],
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<BatchAnswer> {
  const entries = records.map((record): Entry => ({
    record,
    parsed: parseTrigger(record.body, { via: "queue" }),
  }));
  const triggers = entries.flatMap(({ parsed }) => (parsed.kind === "trigger" ? [parsed.trigger] : []));
  const { outcomeOf } = await answerTriggers(triggers, ports, invocation);
  const decided = entries.map((entry) => {
    const { parsed, record } = entry;
    const outcome = parsed.kind === "trigger" ? outcomeOf(parsed.trigger) : parsed;
    return { ...entry, disposition: decideDisposition(outcome, record.deliveries) };
  });
  tell(decided, invocation);
  return { batchItemFailures: await bringBack(decided, ports, invocation) };
}

type Decided = Entry & { readonly disposition: Disposition };

/** Malformed records of a batch that get a line of their own; the number is in the batch's line. */
const MALFORMED_SHOWN = 20;
/** Different words that are counted by themselves. */
const MOST_WORDS = 20;

function count(counts: Record<string, number>, word: string): void {
  const isRoom = Object.hasOwn(counts, word) || Object.keys(counts).length < MOST_WORDS;
  const under = isRoom ? word : "others";
  counts[under] = (counts[under] ?? 0) + 1;
}

/** One line for the batch, and one for each record that is evidence of something broken. */
function tell(decided: readonly Decided[], { log }: Invocation): void {
  const dispositions: Record<string, number> = {};
  const ignored: Record<string, number> = {};
  const unknownPlaces: Record<string, number> = {};
  let malformed = 0;
  for (const { record, parsed, disposition } of decided) {
    const word = `${disposition.kind}:${disposition.reason}`;
    dispositions[word] = (dispositions[word] ?? 0) + 1;
    if (parsed.kind === "ignored") ignored[parsed.reason] = (ignored[parsed.reason] ?? 0) + 1;
    if (parsed.kind === "trigger" && parsed.trigger.kind === "instance")
      for (const place of parsed.trigger.hook?.unknownPlaces ?? []) count(unknownPlaces, place);
    if (parsed.kind === "malformed" && ++malformed <= MALFORMED_SHOWN)
      log.warn(
        { messageId: record.id, deliveries: record.deliveries, problems: parsed.problems },
        "malformed record",
      );
  }
  const strange = Object.keys(unknownPlaces).length === 0 ? {} : { unknownPlaces };
  log.info({ records: decided.length, dispositions, ignored, ...strange }, "batch answered");
}

/** The records that must come again, and when. */
async function bringBack(
  decided: readonly Decided[],
  ports: FunctionPorts,
  { log, reporting }: Invocation,
): Promise<BatchAnswer["batchItemFailures"]> {
  const again = decided.flatMap(({ record, disposition }) =>
    disposition.kind === "retry" ? [{ record, delaySeconds: disposition.delaySeconds }] : [],
  );
  const byQueue = Map.groupBy(
    again.filter(({ record }) => record.queueArn !== "" && record.receiptHandle !== ""),
    ({ record }) => record.queueArn,
  );
  for (const [queueArn, some] of byQueue) {
    const postponements = some.map(({ record, delaySeconds }) => ({
      receiptHandle: record.receiptHandle,
      delaySeconds,
    }));
    for (const error of await ports.queue.postpone(queueArn, postponements, reporting))
      log.warn(describeError(error), "retry not timed: the queue's own visibility timeout decides");
  }
  return again.map(({ record }) => ({ itemIdentifier: record.id }));
}
