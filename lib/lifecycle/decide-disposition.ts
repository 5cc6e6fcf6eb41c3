/**
 * What becomes of a queue record: the last column of the table in section 4 of the design.
 *
 * In: what the record led to, and how often the queue has delivered it. Out: acknowledge, or retry and when.
 * Must never happen: a record that comes back for ever, or evidence of a broken record that is lost.
 */
import type { Completion } from "./decide-completion.ts";
import type { InstanceStatus } from "./instance-status.ts";
import type { IgnoredReason } from "../model/trigger.ts";
import type { ReportStatus } from "../model/report.ts";

/** What one record led to. */
export type RecordOutcome =
  | { readonly kind: "instance"; readonly status: InstanceStatus; readonly completion?: Completion }
  /** A record that named no instance: a resync, or Nodes by name. */
  | { readonly kind: "run"; readonly status: ReportStatus }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason }
  | { readonly kind: "malformed" }
  | { readonly kind: "snapshot-threw" }
  /** The lifecycle hook's answer did not get through to Auto Scaling. */
  | { readonly kind: "answer-failed" }
  /** Break-glass: nothing is done until somebody arms the installation again. */
  | { readonly kind: "released" };

export type Disposition =
  | { readonly kind: "acknowledge"; readonly reason: AcknowledgeReason }
  /** `delaySeconds` until the queue should deliver it again. */
  | { readonly kind: "retry"; readonly delaySeconds: number; readonly reason: RetryReason };

export type AcknowledgeReason = InstanceStatus | "ignored" | "done" | "released" | "left-to-resync";
export type RetryReason =
  "waiting" | "failed" | "unknown-instance" | "malformed" | "snapshot-threw" | "answer-failed";

/**
 * Deliveries after which a machine whose Node never came is left to the resync (which needs no event to find it), so
 * that a machine which never joins does not raise the alarm of the dead-letter queue. With the delays below: about
 * 7 minutes. The queue's `maxReceiveCount` must be greater (10), for `failed` and `malformed` to reach the dead letters.
 */
export const WAITING_DELIVERIES = 9;

/** At most a minute: a Node that registers is protected within a minute, however late it comes. */
const LONGEST_WAIT_SECONDS = 60;
const FIRST_WAIT_SECONDS = 15;

/** A broken record does not get better: soon to the dead letters with it. */
const MALFORMED_DELAY_SECONDS = 1;

/** `deliveries`: SQS's ApproximateReceiveCount, 1 for the first time. */
export function decideDisposition(outcome: RecordOutcome, deliveries: number): Disposition {
  switch (outcome.kind) {
    case "ignored":
      return { kind: "acknowledge", reason: "ignored" };
    case "released":
      return { kind: "acknowledge", reason: "released" };
    case "malformed":
      return { kind: "retry", delaySeconds: MALFORMED_DELAY_SECONDS, reason: "malformed" };
    case "snapshot-threw":
    case "answer-failed":
      return retry(outcome.kind, deliveries);
    case "run":
      return outcome.status === "failed"
        ? retry("failed", deliveries)
        : { kind: "acknowledge", reason: "done" };
    case "instance":
      return ofInstance(outcome.status, outcome.completion, deliveries);
  }
}

function ofInstance(
  status: InstanceStatus,
  completion: Completion | undefined,
  deliveries: number,
): Disposition {
  switch (status) {
    case "converged":
    case "withheld":
    case "unfit":
    case "gone":
    case "other-cluster":
    case "not-ours":
    case "not-its-turn":
      return { kind: "acknowledge", reason: status };
    case "unknown":
      return completion?.kind === "hold"
        ? waitFor("unknown-instance", deliveries)
        : { kind: "acknowledge", reason: status };
    case "waiting":
      return waitFor("waiting", deliveries);
    case "failed":
      return retry("failed", deliveries);
  }
}

function waitFor(reason: "waiting" | "unknown-instance", deliveries: number): Disposition {
  return deliveries >= WAITING_DELIVERIES
    ? { kind: "acknowledge", reason: "left-to-resync" }
    : retry(reason, deliveries);
}

/** 15, 15, 30, 30, 60, 60 ... seconds. */
function retry(reason: RetryReason, deliveries: number): Disposition {
  const doublings = Math.floor((Math.max(1, deliveries) - 1) / 2);
  const delaySeconds = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** Math.min(doublings, 10));
  return { kind: "retry", delaySeconds, reason };
}
