import type { CalicoGroup } from "./calico-group.ts";
import type { Finding } from "./finding.ts";
import type { FieldChange } from "./plan.ts";
import type { StandingReason, UnfitReason, WaitingReason } from "./words/node-reasons.ts";
import type { ChangeReason, FailureReason, NoLongerNeededReason } from "./words/outcome-reasons.ts";
import type { WithheldReason } from "./words/withheld-reasons.ts";

export type Stage = "observe" | "canary" | "enforce";
export type ReportStatus = "converged" | "waiting" | "withheld" | "partial" | "failed";
export type NodeStatus = "converged" | "waiting" | "unfit" | "withheld" | "failed";

/** What a run found and did: the JSON of docs/output.md, "plan / reconcile, -o json". Lists are sorted. */
export type Report = {
  readonly status: ReportStatus;
  readonly stage: Stage;
  readonly group: CalicoGroup;
  readonly counts: ReportCounts;
  readonly actions: readonly ReportedAction[];
  readonly nodes: readonly ReportedNode[];
  readonly findings: readonly Finding[];
};
export type ReportCounts = {
  readonly nodes: number;
  readonly protected: number;
  readonly unprotected: number;
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly unchanged: number;
  readonly withheld: number;
  readonly failed: number;
  readonly foreign: number;
  /** Pairs of a node and an essential flow that its endpoint denies when the run is over; absent: nobody asked. */
  readonly flowsDenied?: number;
};
/** Closed words; docs/findings.md says what each means. */
export type ActionReason = ChangeReason | NoLongerNeededReason | WithheldReason | FailureReason;
export type NodeReason = ActionReason | StandingReason | UnfitReason | WaitingReason;
export type ReportedAction = {
  readonly action: "create" | "update" | "delete" | "adopt";
  readonly hostEndpoint: string;
  readonly node: string;
  readonly changes: readonly FieldChange[];
  readonly outcome: "planned" | "applied" | "withheld" | "failed" | "no-longer-needed";
  readonly reason: ActionReason;
  readonly detail: string;
};
export type ReportedNode = {
  readonly node: string;
  readonly status: NodeStatus;
  readonly reason: NodeReason;
  readonly detail: string;
};
