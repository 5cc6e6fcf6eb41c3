import type { CalicoGroup } from "./calico-group.ts";
import type { Finding } from "./finding.ts";
import type { FieldChange } from "./plan.ts";

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
};
export type ReportedAction = {
  readonly action: "create" | "update" | "delete" | "adopt";
  readonly hostEndpoint: string;
  readonly node: string;
  readonly changes: readonly FieldChange[];
  readonly outcome: "planned" | "applied" | "withheld" | "failed" | "no-longer-needed";
  readonly reason: string;
  readonly detail: string;
};
export type ReportedNode = {
  readonly node: string;
  readonly status: NodeStatus;
  readonly reason: string;
  readonly detail: string;
};
