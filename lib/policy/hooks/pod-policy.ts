import { UDP, IPIP } from "../rules/protocol.ts";
import { POD_POLICY_KINDS } from "../world/world.ts";
import type { Pod } from "../world/labelled-addresses.ts";
import type { Address } from "../../address/parse-address.ts";
import { askProfiles, askTiers } from "./ask-tiers.ts";
import { NO_OPINION, decide, tell, type Context, type Decision } from "./decision.ts";
import { conntrackState, type Packet } from "./packet.ts";

/** The pod behind an interface of the node: the one that has the address, or the only one there is. */
export function findPod(context: Context, address: Address): Pod | undefined {
  const onNode = context.world.policies.podsByNode.get(context.node.facts.name);
  const pod = onNode?.get(address.value);
  if (pod !== undefined || onNode === undefined) return pod;
  const all = new Set(onNode.values());
  return all.size === 1 ? [...all][0] : undefined;
}

/**
 * What the pod's own policies say: the same tiers as for hosts, chosen by the pod's labels, then its namespace's profile.
 * Source: docs/calico.md 3 and 9 step 8. A pod that is not in the world is `unknown-pod`, never a guess.
 */
export function askPodPolicy(context: Context, direction: "ingress" | "egress", packet: Packet): Decision {
  const asked = { hook: "normal" } as const;
  if (context.hostsOnly) return NO_OPINION;
  const address = direction === "egress" ? packet.source : packet.destination;
  const pod = findPod(context, address);
  if (pod === undefined || POD_POLICY_KINDS.some((kind) => context.world.policies.unread.has(kind))) {
    if (
      noPolicySelectsPods(context) &&
      POD_POLICY_KINDS.every((kind) => !context.world.policies.unread.has(kind))
    ) {
      return decide("allow", "pod-policy", asked);
    }
    tell(context, () => "the pod, or its policies, are not known");
    return decide("unknown", "unknown-pod", asked);
  }
  tell(context, () => `${direction} policy of pod ${pod.namespace}/${pod.name}`);
  if (context.node.settings.dropsInvalid && conntrackState(packet) === "invalid")
    return decide("deny", "conntrack-invalid", asked);
  if (direction === "egress" && isForgedTunnel(context, packet))
    return decide("deny", "encapsulation", asked);
  const tiers = context.world.tiersFor(pod.labels).normal[direction];
  const decision = askTiers(context, asked, tiers, packet);
  return decision.effect === "none" ? askProfiles(context, asked, pod.profiles, direction, packet) : decision;
}

/** Pods may not send Calico's own tunnel packets. */
function isForgedTunnel(context: Context, packet: Packet): boolean {
  const { settings } = context.node;
  return (
    (packet.protocol === IPIP && settings.ipip) ||
    (packet.protocol === UDP &&
      settings.vxlanPort !== undefined &&
      packet.destinationPort === settings.vxlanPort)
  );
}

function noPolicySelectsPods(context: Context): boolean {
  return context.world.policies.tiers.every((tier) =>
    tier.policies.every((policy) => policy.staged || policy.class !== "normal"),
  );
}
