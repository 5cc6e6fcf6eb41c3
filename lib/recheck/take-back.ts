import type { GuardedPlan, WithheldAction } from "../model/guarded-plan.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { allowingUpdate, removalOf, restorationOf } from "../plan/give-back.ts";

/**
 * How each write is taken back: an endpoint that was made gets the allow profile and goes, one that was changed or removed becomes
 * what it was.
 */
export function takeBack(
  cut: readonly WithheldAction[],
  now: Snapshot,
): Pick<GuardedPlan, "allowed" | "afterwards"> {
  const there = new Map(now.hostEndpoints.map((it) => [it.name, it]));
  const made = cut.flatMap(({ action }) => (action.kind === "create" ? (there.get(action.name) ?? []) : []));
  return {
    allowed: [
      ...made.flatMap((it) => allowingUpdate(it)),
      ...cut.flatMap(({ action }) =>
        action.kind === "create" ? [] : restorationOf(action.observed, there.get(action.name)),
      ),
    ],
    afterwards: made.map(removalOf),
  };
}
