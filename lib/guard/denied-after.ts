/**
 * What is denied when a run is over: a run that gave traffic back says so, and does not repeat what was before.
 *
 * In: a guarded plan, and the endpoints as the API server serves them after the writes. Out: the same plan with the denied flows
 * and their findings as they are now.
 */
import type { GuardedPlan } from "../model/guarded-plan.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { GuardRequest } from "./rule.ts";
import { essentialFlowsRule } from "./rules/essential-flows.ts";

const DENIED_CODES: ReadonlySet<string> = new Set(["essential-flow-denied", "essential-flow-doubtful"]);

export function deniedAfter(
  guarded: GuardedPlan,
  hostEndpoints: readonly HostEndpoint[],
  { snapshot, safety, plan }: GuardRequest,
): GuardedPlan {
  if (guarded.denied === undefined || guarded.denied.length === 0) return guarded;
  const now = essentialFlowsRule({
    plan: { ...plan, actions: [] },
    snapshot: { ...snapshot, hostEndpoints },
    safety,
  });
  return {
    ...guarded,
    denied: now.denied ?? [],
    findings: [
      ...guarded.findings.filter((it) => !DENIED_CODES.has(it.code)),
      ...now.findings.filter((it) => DENIED_CODES.has(it.code)),
    ],
  };
}
