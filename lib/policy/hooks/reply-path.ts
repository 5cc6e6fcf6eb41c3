import { decide, setsAcceptMark, tell, type Context, type Decision } from "./decision.ts";
import { askUntracked } from "./host-chains.ts";
import { replyPacket } from "./packet.ts";
import type { ReadFlow } from "./read-flow.ts";

/**
 * The answer's fate, when it is not free. Untracked chains look at every packet, answers too; and a request that
 * untracked policy accepted has no connection that its answer could belong to, so the answer needs an untracked allow of
 * its own. `undefined` when no untracked policy is involved: the answer then passes as part of the connection.
 * Source: docs/calico.md 15 step 2.
 */
export function replyDecision(context: Context, flow: ReadFlow): Decision | undefined {
  const answer = replyPacket(flow.packets.before);
  const accepted = untrackedAccept({ ...context, trace: undefined }, flow);
  const steps = replySteps(context, flow, answer);
  const stopped = steps.find((step) => step.effect === "deny" || step.effect === "unknown");
  if (stopped !== undefined) {
    tell(context, () => "the answer is stopped by untracked policy");
    return stopped;
  }
  if (accepted === undefined) return undefined;
  const [first] = steps;
  if (first !== undefined && steps.every((step) => step.effect === "allow")) return first;
  tell(context, () => "the request was not tracked, and no untracked policy allows the answer");
  return decide("deny", "untracked-reply", accepted.decidedBy);
}

/** The untracked rule that accepted the request, when one did. */
function untrackedAccept(context: Context, flow: ReadFlow): Decision | undefined {
  if (flow.interface.workload) return undefined;
  const direction = flow.direction === "egress" || flow.direction === "local" ? "egress" : "ingress";
  const decision = askUntracked(context, flow.interface, direction, flow.packets.before);
  return setsAcceptMark(decision) ? decision : undefined;
}

function replySteps(
  context: Context,
  flow: ReadFlow,
  answer: ReturnType<typeof replyPacket>,
): readonly Decision[] {
  switch (flow.direction) {
    case "ingress":
      return [askUntracked(context, flow.interface, "egress", answer)];
    case "egress":
      return [askUntracked(context, flow.interface, "ingress", answer)];
    case "forward":
      // A pod's interface has no untracked chain: the pod's answer to an untracked request is invalid, and dropped.
      return flow.outInterface.workload ? [] : [askUntracked(context, flow.outInterface, "ingress", answer)];
    case "local":
      return [
        askUntracked(context, flow.interface, "egress", answer),
        askUntracked(context, flow.interface, "ingress", answer),
      ];
  }
}
