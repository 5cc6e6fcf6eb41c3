import type { Finding } from "./finding.ts";
import type { Action, DeleteAction } from "./plan.ts";

export type WithheldReason =
  | "observe-stage"
  | "canary-wait"
  | "canary-rolled-back"
  | "delete-budget"
  | "empty-cluster"
  | "unresolvable-profile"
  | "no-addresses"
  | "too-many-addresses"
  | "calico-auto-host-endpoints"
  | "essential-flow-cut"
  | "essential-flow-unknown"
  | "poison-object"
  | "migration-in-progress"
  | "datastore-locked"
  | "group-unclear";

/** Why an action must not be done now, and what to do about it. */
export type Violation = {
  readonly reason: WithheldReason;
  readonly detail: string;
  readonly fix: string;
};
export type WithheldAction = { readonly action: Action; readonly violation: Violation };

/** `allowed` is in the order in which it must be applied: what allows first, what denies last. */
export type GuardedPlan = {
  readonly allowed: readonly Action[];
  /** To be removed when the allowed update of the same endpoint is written; absent: nothing. */
  readonly afterwards?: readonly DeleteAction[];
  readonly withheld: readonly WithheldAction[];
  readonly findings: readonly Finding[];
};
