import type { Action } from "./plan.ts";
import type { FailureCause } from "./words/outcome-reasons.ts";

export type { FailureCause };

export type ActionOutcome =
  | { readonly action: Action; readonly outcome: "applied" | "planned" }
  | { readonly action: Action; readonly outcome: "no-longer-needed"; readonly detail: string }
  | {
      readonly action: Action;
      readonly outcome: "failed";
      readonly cause: FailureCause;
      readonly detail: string;
    };
