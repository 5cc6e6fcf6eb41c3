import { isForwarded, type EssentialFlow } from "../essential-flows/essential-flow.ts";

export const BASELINE = '"hepctl baseline" prints what keeps every essential flow open; apply it first';
export const FORWARD =
  "take applyOnForward off the policy, or let pods' traffic through in a policy with applyOnForward that is asked before it";

/** What a person can do about flows that are cut. No baseline helps pods: a rule for what passes through a node would open the node itself, too. */
export function remedyFor(flows: readonly EssentialFlow[]): string {
  const forwarded = flows.filter(isForwarded).length;
  if (forwarded === 0) return BASELINE;
  return forwarded === flows.length ? FORWARD : `${BASELINE}; for the pods' flows ${FORWARD}`;
}
