import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { CreateAction, UpdateAction } from "../model/plan.ts";
import { driftOf } from "../plan/drift.ts";

/** A write is done when the API server serves what was written; a 2xx alone says nothing. */
export function verifyWrite(action: CreateAction | UpdateAction, served: HostEndpoint): ActionOutcome {
  const differs = driftOf(served, action.desired).map((it) => it.path);
  const isOther = action.kind === "update" && served.uid !== action.observed.uid;
  if (differs.length === 0 && !isOther) return { action, outcome: "applied", served };
  const what = isOther ? "it is another object now" : `${differs.join(", ")} differ`;
  return {
    action,
    outcome: "failed",
    cause: "not-as-written",
    detail: `the API server took HostEndpoint/${action.name} and serves something else: ${what}. Look for an admission webhook that changes it`,
  };
}
