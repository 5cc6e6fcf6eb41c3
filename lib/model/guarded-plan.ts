import type { DeletionClass, DeletionCounts, LedgerEntry } from "./deletion-ledger.ts";
import type { Finding } from "./finding.ts";
import type { HostEndpoint } from "./host-endpoint.ts";
import type { Action, DeleteAction } from "./plan.ts";
import type { WithheldReason } from "./words/withheld-reasons.ts";

export type { WithheldReason };

/** Why an action must not be done now, and what to do about it. */
export type Violation = {
  readonly reason: WithheldReason;
  readonly detail: string;
  readonly fix: string;
};
export type WithheldAction = { readonly action: Action; readonly violation: Violation };

declare const proven: unique symbol;
/** An action that may be written. Only `lib/plan/let-through.ts` makes one, and only for whom the fences let in. */
export type LetThrough<Kind extends Action = Action> = Kind & { readonly [proven]: true };

/** An essential flow that a node does not get: its endpoint, as it is, denies it. */
export type DeniedFlow = { readonly node: string; readonly flow: string };

/** Several deletions are counted where every other run sees it, before the first of them. */
export type DeletionClaim = {
  /** Where the count goes; empty: on an endpoint that this run makes. With none at all nothing of ours is left to be counted for. */
  readonly carriers: readonly HostEndpoint[];
  readonly deletes: readonly DeleteAction[];
  /** What the cluster's endpoints carried when they were read. */
  readonly known: readonly LedgerEntry[];
  readonly entry: LedgerEntry;
  readonly budgets: DeletionCounts;
};

/** An endpoint whose deletion waits for a person from now on. */
export type WaitingMark = { readonly observed: HostEndpoint; readonly class: DeletionClass };

/** `allowed` is in the order in which it must be applied: what allows first, what denies last. */
export type GuardedPlan = {
  readonly allowed: readonly LetThrough[];
  /** To be removed when the allowed update of the same endpoint is written; absent: nothing. */
  readonly afterwards?: readonly LetThrough<DeleteAction>[];
  readonly withheld: readonly WithheldAction[];
  readonly findings: readonly Finding[];
  /** What is written before any deletion; absent: nothing has to be. */
  readonly claim?: DeletionClaim;
  readonly waits?: readonly WaitingMark[];
  /** What is denied before any write; absent: nothing. */
  readonly denied?: readonly DeniedFlow[];
};
