/**
 * A batch of queue records -> which of them must come again.
 *
 * One run for all of them: one scope, one read, one plan. Then each hook gets its answer and each record its disposition.
 * Must never happen: one broken record that brings the others back, or an exception (the whole batch would come back).
 */
import {
  decideDisposition,
  type Disposition,
  type RecordOutcome,
} from "../../lib/lifecycle/decide-disposition.ts";
import { instanceStatusOf, type InstanceStatus } from "../../lib/lifecycle/instance-status.ts";
import type { InstanceTrigger, ParsedTrigger, Trigger } from "../../lib/model/trigger.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import type { Reconciliation } from "../../lib/reconcile/reconcile.ts";
import { movesIntoWarmPool } from "../../lib/scope/scope-of.ts";
import { parseTrigger } from "../../lib/trigger/parse-trigger.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";
import { answerHooks, type HookAnswer } from "./answer-hooks.ts";
import type { QueueRecord } from "./queue-record.ts";
import { run } from "./run.ts";

/** Lambda's partial batch response. */
export type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/** What became of the one run of the batch. */
type RunResult =
  | { readonly kind: "done"; readonly reconciliation: Reconciliation }
  | { readonly kind: "threw" }
  | { readonly kind: "released" }
  /** No record points at anything to look at. */
  | { readonly kind: "nothing" };

type Entry = { readonly record: QueueRecord; readonly parsed: ParsedTrigger };

export async function answerBatch(
  records: readonly QueueRecord[],
  ports: FunctionPorts,
  invocation: Invocation,
): Promise<BatchAnswer> {
  const entries = records.map((record): Entry => ({
    record,
    parsed: parseTrigger(record.body, { via: "queue" }),
  }));
  const triggers = entries.flatMap(({ parsed }) => (parsed.kind === "trigger" ? [parsed.trigger] : []));
  const result = await runOnce(triggers, ports, invocation);
  const hooks = triggers.flatMap((trigger) =>
    trigger.kind === "instance" && trigger.hook !== undefined
      ? [{ hook: trigger.hook, status: statusOf(trigger, result) }]
      : [],
  );
  const answers = await answerHooks(hooks, ports, invocation);
  const decided = entries.map((entry) => ({
    ...entry,
    disposition: decideDisposition(outcomeOf(entry.parsed, result, answers), entry.record.deliveries),
  }));
  tell(decided, invocation);
  return { batchItemFailures: await bringBack(decided, ports, invocation) };
}

async function runOnce(
  triggers: readonly Trigger[],
  ports: FunctionPorts,
  invocation: Invocation,
): Promise<RunResult> {
  const looks = triggers.filter((it) => it.kind !== "instance" || !movesIntoWarmPool(it));
  if (looks.length === 0) return { kind: "nothing" };
  try {
    if ((await ports.mark.read(invocation.signal)) === "released") return { kind: "released" };
    return { kind: "done", reconciliation: await run(looks, "apply", ports, invocation) };
  } catch (error) {
    invocation.log.error(
      { cluster: ports.settings.cluster.name, ...describeError(error) },
      "reconcile failed",
    );
    ports.measure({ Failed: 1 });
    return { kind: "threw" };
  }
}

function statusOf(trigger: InstanceTrigger, result: RunResult): InstanceStatus {
  if (movesIntoWarmPool(trigger)) return "unfit";
  switch (result.kind) {
    case "done": {
      const { snapshot, report } = result.reconciliation;
      return instanceStatusOf(trigger.instanceId, snapshot.instances, report);
    }
    case "threw":
      return "failed";
    case "released":
    case "nothing":
      // Break-glass: no machine is held up, and none is turned away, for an endpoint that nobody wants now.
      return "unfit";
  }
}

function outcomeOf(
  parsed: ParsedTrigger,
  result: RunResult,
  answers: ReadonlyMap<string, HookAnswer>,
): RecordOutcome {
  if (parsed.kind !== "trigger") return parsed;
  const { trigger } = parsed;
  const answer =
    trigger.kind === "instance" && trigger.hook !== undefined ? answers.get(trigger.hook.token) : undefined;
  if (answer?.gotThrough === false) return { kind: "answer-failed" };
  if (trigger.kind === "instance") {
    if (result.kind === "threw" && !movesIntoWarmPool(trigger)) return { kind: "snapshot-threw" };
    if (result.kind === "released") return { kind: "released" };
    const status = statusOf(trigger, result);
    return { kind: "instance", status, ...(answer === undefined ? {} : { completion: answer.completion }) };
  }
  switch (result.kind) {
    case "done":
      return { kind: "run", status: result.reconciliation.report.status };
    case "threw":
      return { kind: "snapshot-threw" };
    case "released":
    case "nothing":
      return { kind: "released" };
  }
}

type Decided = Entry & { readonly disposition: Disposition };

/** One line for the batch, and one for each record that is evidence of something broken. */
function tell(decided: readonly Decided[], { log }: Invocation): void {
  const dispositions: Record<string, number> = {};
  const ignored: Record<string, number> = {};
  for (const { record, parsed, disposition } of decided) {
    const word = `${disposition.kind}:${disposition.reason}`;
    dispositions[word] = (dispositions[word] ?? 0) + 1;
    if (parsed.kind === "ignored") ignored[parsed.reason] = (ignored[parsed.reason] ?? 0) + 1;
    if (parsed.kind === "malformed")
      log.warn(
        { messageId: record.id, deliveries: record.deliveries, problems: parsed.problems },
        "malformed record",
      );
  }
  log.info({ records: decided.length, dispositions, ignored }, "batch answered");
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
