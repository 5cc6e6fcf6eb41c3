import type { Action } from "./plan.ts";

export type FailureCause =
  "conflict" | "throttled" | "denied" | "unreachable" | "invalid" | "out-of-time" | "server-error";

export type ActionOutcome =
  | { readonly action: Action; readonly outcome: "applied" | "planned" }
  | { readonly action: Action; readonly outcome: "no-longer-needed"; readonly detail: string }
  | {
      readonly action: Action;
      readonly outcome: "failed";
      readonly cause: FailureCause;
      readonly detail: string;
    };
