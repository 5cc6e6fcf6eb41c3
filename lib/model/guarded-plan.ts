import type { Finding } from "./finding.ts";
import type { Action } from "./plan.ts";

export type WithheldReason =
  | "observe-stage"
  | "canary-wait"
  | "delete-budget"
  | "empty-cluster"
  | "unresolvable-profile"
  | "no-addresses"
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
  readonly withheld: readonly WithheldAction[];
  readonly findings: readonly Finding[];
};
