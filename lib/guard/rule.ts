import type { Settings } from "../config/settings.ts";
import type { Finding } from "../model/finding.ts";
import type { DeniedFlow, Violation } from "../model/guarded-plan.ts";
import type { Action, Plan } from "../model/plan.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** What the guard needs of the settings. */
export type SafetySettings = Pick<
  Settings,
  "id" | "stage" | "limits" | "canary" | "provider" | "essentialFlows" | "essentialFlowsWithout" | "access"
>;

export type GuardRequest = {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly safety: SafetySettings;
  /** The plan takes endpoints over or gives them back: `source` all that somebody made, `names` those that were named. */
  readonly adopts?: "names" | "source";
  /** A person has said that flows may be opened. */
  readonly acceptLoosening?: boolean;
};

/** One rule of the guard: looks at the whole request once, then judges each action. */
export type Rule = (request: GuardRequest) => RuleVerdicts;
export type RuleVerdicts = {
  /** Why this action must wait; undefined when the rule has nothing against it. */
  readonly judge: (action: Action) => Violation | undefined;
  readonly findings: readonly Finding[];
  /** Essential flows that nodes do not get as things are; absent: none. */
  readonly denied?: readonly DeniedFlow[];
};

export const nothingAgainst = (): undefined => undefined;
