import type { DecidedBy, VerdictReason } from "../../model/verdict.ts";
import type { World, WorldNode } from "../world/world.ts";

/** What one chain, or the whole way, says. `none`: no opinion, the packet goes on. */
export type Decision = {
  readonly effect: "allow" | "deny" | "unknown" | "none";
  readonly reason: VerdictReason;
  readonly decidedBy: DecidedBy;
};

/** What every step needs: the world, the node that polices, and the story so far (when somebody wants to read it). */
export type Context = {
  readonly world: World;
  readonly node: WorldNode;
  readonly trace: string[] | undefined;
  /** The pods' own policies are left aside. */
  readonly hostsOnly: boolean;
};

const NOBODY: DecidedBy = {};
export const NO_OPINION: Decision = { effect: "none", reason: "not-governed", decidedBy: NOBODY };

/** A decision that no policy took. */
export function decide(
  effect: Decision["effect"],
  reason: VerdictReason,
  decidedBy: DecidedBy = NOBODY,
): Decision {
  return { effect, reason, decidedBy };
}

/** Adds a sentence to the story; costs nothing when nobody listens. */
export function tell(context: Context, sentence: () => string): void {
  if (context.trace !== undefined) context.trace.push(sentence());
}

/** True when the packet was accepted by a policy: Calico's accept mark, that later HostEndpoint chains respect. */
export function setsAcceptMark(decision: Decision): boolean {
  return decision.effect === "allow" && decision.reason === "rule";
}

/** True when the way ends here. */
export function isFinal(decision: Decision): boolean {
  return decision.effect === "deny" || decision.effect === "unknown";
}
