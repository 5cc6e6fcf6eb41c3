import type { HostEndpoint } from "./host-endpoint.ts";
import type { Action } from "./plan.ts";
import type { FailureCause } from "./words/outcome-reasons.ts";

export type { FailureCause };

/**
 * What became of an action. `served`: the endpoint as the API server was seen to hold it afterwards; without it nobody vouches
 * that there is one. Whatever must hold is tested as `applied` or served, never as "not failed".
 */
export type ActionOutcome =
  | { readonly action: Action; readonly outcome: "planned" }
  | { readonly action: Action; readonly outcome: "applied"; readonly served?: HostEndpoint }
  | {
      readonly action: Action;
      readonly outcome: "no-longer-needed";
      readonly detail: string;
      readonly served?: HostEndpoint;
    }
  | {
      readonly action: Action;
      readonly outcome: "failed";
      readonly cause: FailureCause;
      readonly detail: string;
    };

/** The endpoints that are there after a run, sorted as they came; new ones last. */
export function endpointsAfter(
  observed: readonly HostEndpoint[],
  outcomes: readonly ActionOutcome[],
): readonly HostEndpoint[] {
  const changed = new Map<string, HostEndpoint | undefined>();
  for (const it of outcomes) {
    if ("served" in it && it.served !== undefined) changed.set(it.action.name, it.served);
    else if (it.outcome === "applied" && it.action.kind === "delete") changed.set(it.action.name, undefined);
  }
  const kept = observed.flatMap((it) => {
    if (!changed.has(it.name)) return [it];
    const after = changed.get(it.name);
    changed.delete(it.name);
    return after ?? [];
  });
  return [...kept, ...[...changed.values()].filter((it) => it !== undefined)];
}
