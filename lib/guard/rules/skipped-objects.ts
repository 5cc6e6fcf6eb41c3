import { skippedObjects } from "../../world/skipped-objects.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/** Says what Calico skips: it counts for nothing in a proof, and whoever wrote it believes that it does. */
export const skippedObjectsRule: Rule = ({ plan, snapshot }) => ({
  judge: nothingAgainst,
  findings: skippedObjects(snapshot, new Set(plan.foreign.filter((it) => it.blocks).map((it) => it.name))),
});
