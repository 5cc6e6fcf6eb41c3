import { nothingAgainst, type Rule } from "../rule.ts";

/** Stage `observe`: everything is computed and reported, nothing is written. */
export const observeStageRule: Rule = ({ safety }) => ({
  judge:
    safety.stage === "observe"
      ? () => ({
          reason: "observe-stage",
          detail: "the stage is observe: nothing is written",
          fix: "set `stage: canary` or `stage: enforce` in the settings when the plan is what you want",
        })
      : nothingAgainst,
  findings: [],
});
