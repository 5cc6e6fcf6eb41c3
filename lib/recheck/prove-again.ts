/**
 * Proves writes that are done against the world as it is now.
 *
 * In: what was written, a snapshot that was taken afterwards. Out: the writes that the guard would hold back today, because they cut
 * an essential flow or may, each with its violation.
 * Must never happen: a write blamed for what is denied without it, too.
 */
import { essentialFlowsRule } from "../guard/rules/essential-flows.ts";
import type { SafetySettings } from "../guard/rule.ts";
import type { WithheldAction } from "../model/guarded-plan.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Action } from "../model/plan.ts";
import type { Snapshot } from "../model/snapshot.ts";

export function proveAgain(
  written: readonly Action[],
  now: Snapshot,
  safety: SafetySettings,
): readonly WithheldAction[] {
  const there = new Map(now.hostEndpoints.map((it) => [it.name, it]));
  // What somebody has removed since, or made since, is not what we wrote.
  const standing = written.filter((it) => there.has(it.name) !== (it.kind === "delete"));
  if (standing.length === 0) return [];
  const before: Snapshot = { ...now, hostEndpoints: undone(now.hostEndpoints, standing) };
  const plan = { actions: standing, unchanged: [], foreign: [] };
  const { judge } = essentialFlowsRule({ plan, snapshot: before, safety });
  return standing.flatMap((action) => {
    const violation = judge(action);
    return violation === undefined ? [] : [{ action, violation }];
  });
}

/** The endpoints of today as they would be without our writes. */
function undone(endpoints: readonly HostEndpoint[], written: readonly Action[]): readonly HostEndpoint[] {
  const names = new Set(written.map((it) => it.name));
  return [
    ...endpoints.filter((it) => !names.has(it.name)),
    ...written.flatMap((it) => ("observed" in it ? [it.observed] : [])),
  ];
}
