/**
 * Says why we woke.
 *
 * In: one record (an SQS body as text, or a payload that was decoded already) and how it came.
 * Out: a trigger, `ignored` with its reason, or `malformed` with every problem.
 * Must never happen: an exception, or an unknown event that counts as an error. Events are hints; the resync is the truth.
 */
import * as z from "zod";
import type { ParsedTrigger, Trigger } from "../model/trigger.ts";
import { findRow, understandAutoScalingBody } from "./event-table.ts";
import { understandNotice } from "./notices.ts";
import { describeProblems, parseRequest, type Request } from "./parse-request.ts";
import { unwrapBody } from "./unwrap-body.ts";
import { isJsonObject } from "../model/read-json.ts";

export type TriggerContext = {
  /** A queue can only reconcile: nobody waits there for the answer of a `plan`. */
  readonly via: "queue" | "invoke";
};

const envelope = z.object({
  source: z.string(),
  "detail-type": z.string(),
  detail: z.unknown(),
  time: z.string().max(100).optional(),
});

/** Never throws. Source of the shapes: docs/aws.md 3.2 and the recorded events in `test/events`. */
export function parseTrigger(record: unknown, context: TriggerContext): ParsedTrigger {
  const unwrapped = unwrapBody(record);
  if (!unwrapped.ok) return { kind: "malformed", problems: [unwrapped.problem] };
  const body = unwrapped.value;
  if (!isJsonObject(body)) return { kind: "malformed", problems: ["body: not a JSON object"] };
  if ("action" in body) return parseAction(body, context);
  if ("source" in body || "detail-type" in body) return parseEvent(body);
  return (
    understandNotice(body) ??
    understandAutoScalingBody(body) ?? {
      kind: "malformed",
      problems: ['body: neither an EventBridge event, nor an Auto Scaling notification, nor {"action": ...}'],
    }
  );
}

/** The trigger that a request stands for. */
export function triggerOf(request: Request): Trigger {
  return request.nodes.length === 0
    ? { kind: "resync", source: request.source }
    : { kind: "nodes", nodes: request.nodes };
}

function parseEvent(body: Readonly<Record<string, unknown>>): ParsedTrigger {
  const parsed = envelope.safeParse(body);
  if (!parsed.success) return { kind: "malformed", problems: describeProblems(parsed.error) };
  const { source, "detail-type": detailType, detail, time } = parsed.data;
  const row = findRow(source, detailType);
  return typeof row === "function" ? row({ detail, ...(time === undefined ? {} : { at: time }) }) : row;
}

function parseAction(body: Readonly<Record<string, unknown>>, context: TriggerContext): ParsedTrigger {
  const parsed = parseRequest(body);
  if (!parsed.ok) return { kind: "malformed", problems: parsed.problems };
  if (context.via === "queue" && parsed.request.action !== "reconcile")
    return {
      kind: "malformed",
      problems: [`action: ${parsed.request.action} has no answer when it comes by a queue`],
    };
  return { kind: "trigger", trigger: triggerOf(parsed.request) };
}
