import { ICMPV6 } from "../rules/protocol.ts";
import { decide, isFinal, setsAcceptMark, tell, type Context, type Decision } from "./decision.ts";
import { checkEncapsulation } from "./encapsulation.ts";
import { askForward, askNormal, askPreDnat, askUntracked } from "./host-chains.ts";
import type { Packet } from "./packet.ts";
import { askPodPolicy } from "./pod-policy.ts";
import type { Interface } from "./resolve-endpoint.ts";

/**
 * The ways of a packet through the hooks in iptables and nftables mode.
 * Source: docs/calico.md 9 and 21 (`toHost`, `fromHost`, `forward`).
 */

/** A packet before and after destination NAT; the same object when there is none. */
export type Packets = { readonly before: Packet; readonly after: Packet };

/** ICMPv6 that pods may always send to their host: neighbour and router discovery, multicast listeners. */
const POD_TO_HOST_ICMPV6: ReadonlySet<number> = new Set([130, 131, 132, 133, 135, 136]);

/**
 * Arriving on an interface and meant for this host: untracked, preDNAT (both before destination NAT), tunnels, then for a
 * pod's interface the pod's egress policy and DefaultEndpointToHostAction, else the normal policy of the host.
 */
export function toHost(context: Context, on: Interface, packets: Packets): Decision {
  if (isCovered(context, on)) return dropCovered(context, on);
  const early = askEarlyHooks(context, on, packets);
  if (isFinal(early)) return early;
  const packet = packets.after;
  const encapsulated = checkEncapsulation(context, "ingress", packet);
  if (encapsulated !== undefined) return encapsulated;
  if (on.workload) return podToHost(context, packet);
  return setsAcceptMark(early) ? early : askNormal(context, on, "ingress", packet);
}

/** Leaving from a local process: untracked (before NAT), then normal policy, which sees the destination after NAT. */
export function fromHost(context: Context, out: Interface, packets: Packets): Decision {
  const untracked = askUntracked(context, out, "egress", packets.before);
  if (isFinal(untracked)) return untracked;
  if (setsAcceptMark(untracked)) return withoutTracking(context, untracked, packets);
  // Felix takes the interface for a pod's, and its IPv4 address with it (docs/calico.md 0 item 10).
  if (isCovered(context, out) && packets.after.source.family === 4) return dropCovered(context, out);
  if (out.workload) {
    tell(context, () => "a host may always talk to its own pods");
    return decide("allow", "host-to-own-pod");
  }
  return (
    checkEncapsulation(context, "egress", packets.after) ?? askNormal(context, out, "egress", packets.after)
  );
}

/** Passing through: the early hooks of the way in, forward policy of the way in, the pods' own policies, forward policy of the way out. */
export function forwarded(context: Context, into: Interface, out: Interface, packets: Packets): Decision {
  const covered = [into, out].find((on) => isCovered(context, on));
  if (covered !== undefined) return dropCovered(context, covered);
  const early = askEarlyHooks(context, into, packets);
  if (isFinal(early)) return early;
  const packet = packets.after;
  let last = early;
  if (!setsAcceptMark(early)) {
    last = askForward(context, into, "ingress", packet);
    if (isFinal(last)) return last;
  }
  if (into.workload) {
    const pod = askPodPolicy(context, "egress", packet);
    if (isFinal(pod)) return pod;
    if (pod.effect !== "none") last = pod;
  }
  if (out.workload) {
    const pod = askPodPolicy(context, "ingress", packet);
    if (isFinal(pod)) return pod;
    if (pod.effect !== "none") last = pod;
  }
  const leaving = askForward(context, out, "egress", packet);
  if (isFinal(leaving) || last.effect === "none")
    return leaving.effect === "none" ? decide("allow", "not-governed") : leaving;
  return last;
}

/** Host to itself over `lo`: out through its egress chains, in through its ingress chains. */
export function overLoopback(context: Context, loopback: Interface, packets: Packets): Decision {
  const leaving = fromHost(context, loopback, packets);
  if (isFinal(leaving)) return leaving;
  const arriving = toHost(context, loopback, { before: packets.after, after: packets.after });
  return isFinal(arriving) || leaving.reason === "not-governed" ? arriving : leaving;
}

/** Untracked and preDNAT; an accept of either spares the packet the later HostEndpoint chains of the way in. */
function askEarlyHooks(context: Context, on: Interface, packets: Packets): Decision {
  const untracked = on.workload
    ? decide("none", "not-governed")
    : askUntracked(context, on, "ingress", packets.before);
  if (isFinal(untracked)) return untracked;
  if (setsAcceptMark(untracked)) return withoutTracking(context, untracked, packets);
  return askPreDnat(context, on, packets.before);
}

/** What untracked policy accepted is not tracked, and what is not tracked is not NATed (docs/calico.md 0 item 10). */
function withoutTracking(context: Context, accepted: Decision, packets: Packets): Decision {
  if (packets.before === packets.after) return accepted;
  tell(
    context,
    () => "an untracked packet is not NATed: it never reaches where the service would have sent it",
  );
  return decide("deny", "untracked-skips-dnat", accepted.decidedBy);
}

/** A network card whose name starts with a workload prefix: no pod is behind it. */
function isCovered(context: Context, on: Interface): boolean {
  return on.workload && on.name !== undefined && context.node.facts.interfaces.has(on.name);
}

function dropCovered(context: Context, on: Interface): Decision {
  tell(
    context,
    () =>
      `interfacePrefix covers ${on.name ?? "the interface"}: Felix takes it for an unknown pod's and drops`,
  );
  return decide("deny", "covered-interface");
}

function podToHost(context: Context, packet: Packet): Decision {
  if (
    packet.protocol === ICMPV6 &&
    packet.icmpType !== undefined &&
    POD_TO_HOST_ICMPV6.has(packet.icmpType)
  ) {
    return decide("allow", "pod-to-host-action");
  }
  const pod = askPodPolicy(context, "egress", packet);
  if (isFinal(pod)) return pod;
  const action = context.node.settings.endpointToHost;
  tell(
    context,
    () =>
      `DefaultEndpointToHostAction is ${action}${action === "return" ? ": the host's own rules decide, Calico has no opinion" : ""}`,
  );
  return decide(action === "drop" ? "deny" : "allow", "pod-to-host-action");
}
