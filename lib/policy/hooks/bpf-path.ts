import { ICMPV6, UDP } from "../rules/protocol.ts";
import { includes } from "../world/node-facts.ts";
import type { Endpoint } from "../world/endpoint.ts";
import {
  NO_OPINION,
  decide,
  isFinal,
  setsAcceptMark,
  tell,
  type Context,
  type Decision,
} from "./decision.ts";
import type { Packet } from "./packet.ts";
import { askPodPolicy } from "./pod-policy.ts";
import type { ReadFlow } from "./read-flow.ts";
import { specificEndpoint, type Interface } from "./resolve-endpoint.ts";
import { runChain } from "./run-chain.ts";
import { decideWireguard } from "./bpf-wireguard.ts";

/**
 * The same question in eBPF mode: one program per interface and direction instead of hooks. HostEndpoints hold only on
 * data interfaces, a specific endpoint hides the `*` one for every kind of policy, and a packet that is neither from nor
 * to this host meets forward policy instead of normal policy.
 * Source: docs/calico.md 14.
 */
export function bpfVerdict(context: Context, flow: ReadFlow): Decision {
  const { before, after } = flow.packets;
  switch (flow.direction) {
    case "ingress": {
      const early = flow.interface.workload
        ? decide("none", "not-governed")
        : xdp(context, flow.interface, before);
      if (isFinal(early) || setsAcceptMark(early)) return early;
      if (flow.interface.workload) return bpfPodToHost(context, after);
      return program(context, flow.interface, "ingress", before, after);
    }
    case "egress":
      if (flow.interface.workload) return decide("allow", "host-to-own-pod");
      return program(context, flow.interface, "egress", before, after);
    case "forward":
      return forwardBpf(context, flow, before, after);
    case "local":
      return loopback(context, flow, before, after);
  }
}

/** Neighbour discovery and multicast listener messages skip policy. */
const ALWAYS_ALLOWED_ICMPV6: ReadonlySet<number> = new Set([130, 131, 132, 133, 135, 136]);

function program(
  context: Context,
  on: Interface,
  direction: "ingress" | "egress",
  before: Packet,
  after: Packet,
): Decision {
  if (skipsLoopback(context, on, after)) {
    tell(context, () => "eBPF programs on lo do not look at this packet");
    return decide("allow", "not-governed");
  }
  const wireguard = decideWireguard(context, on, direction, before, after);
  if (wireguard !== undefined) return wireguard;
  const endpoint = endpointOn(context, on);
  if (endpoint === "unknown") return decide("unknown", "unknown-interface");
  if (endpoint === undefined) {
    tell(context, () => `no HostEndpoint program on interface ${on.name ?? "(main)"}`);
    return decide("allow", "not-governed");
  }
  if (after.protocol === ICMPV6 && after.icmpType !== undefined && ALWAYS_ALLOWED_ICMPV6.has(after.icmpType))
    return decide("allow", "failsafe");
  const own = context.node.facts.addresses;
  const hook = includes(own, after.source) || includes(own, after.destination) ? "normal" : "forward";
  // Failsafes come before everything, and only for the host itself: asking the normal chain first finds them.
  const decided = hook === "normal" ? runChain(context, endpoint, "normal", direction, after) : undefined;
  if (decided?.reason === "failsafe") return decided;
  if (direction === "ingress" && context.world.tiersFor(endpoint.labels).preDNAT.ingress.length > 0) {
    const early = runChain(context, endpoint, "preDNAT", "ingress", before);
    if (isFinal(early) || setsAcceptMark(early)) return early;
  }
  return decided ?? runChain(context, endpoint, "forward", direction, after);
}

function endpointOn(context: Context, on: Interface): Endpoint | undefined | "unknown" {
  if (!isData(context, on)) return undefined;
  const own = specificEndpoint(context.node, on);
  if (own.kind === "unknown") return "unknown";
  return own.kind === "endpoint" ? own.endpoint : context.node.wildcard;
}

function isData({ node }: Context, { name }: Interface): boolean {
  const { isBpfDataInterface, bpfLoopback } = node.settings;
  if (name === undefined) return true;
  return isBpfDataInterface(name) || (name === "lo" && bpfLoopback !== "nothing");
}

/** On `lo` the programs serve host-networked NAT, and by default of UDP only. Source: docs/calico-versions.md 4. */
function skipsLoopback({ node }: Context, { name }: Interface, packet: Packet): boolean {
  return name === "lo" && node.settings.bpfLoopback === "udp" && packet.protocol !== UDP;
}

/** Untracked ingress runs as XDP on the interface's own endpoint. */
function xdp(context: Context, on: Interface, packet: Packet): Decision {
  const own = specificEndpoint(context.node, on);
  if (own.kind !== "endpoint" || context.world.tiersFor(own.endpoint.labels).untracked.ingress.length === 0)
    return decide("none", "not-governed");
  return runChain(context, own.endpoint, "untracked", "ingress", packet);
}

function bpfPodToHost(context: Context, packet: Packet): Decision {
  const pod = askPodPolicy(context, "egress", packet);
  if (isFinal(pod)) return pod;
  return decide(context.node.settings.endpointToHost === "drop" ? "deny" : "allow", "pod-to-host-action");
}

function forwardBpf(context: Context, flow: ReadFlow, before: Packet, after: Packet): Decision {
  const into = flow.interface.workload
    ? workload(context, "egress", before, after)
    : program(context, flow.interface, "ingress", before, after);
  if (isFinal(into)) return into;
  const out = flow.outInterface.workload
    ? workload(context, "ingress", before, after)
    : program(context, flow.outInterface, "egress", before, after);
  return isFinal(out) || into.reason === "not-governed" ? out : into;
}

/** On a pod's interface the `*` endpoint's preDNAT and forward policies hold too, seen from the host: what leaves the pod enters the host. */
function workload(
  context: Context,
  podDirection: "ingress" | "egress",
  before: Packet,
  after: Packet,
): Decision {
  const { wildcard } = context.node;
  let host = NO_OPINION;
  const hostDirection = podDirection === "egress" ? "ingress" : "egress";
  if (wildcard !== undefined) {
    const tiers = context.world.tiersFor(wildcard.labels);
    if (hostDirection === "ingress" && tiers.preDNAT.ingress.length > 0) {
      const early = runChain(context, wildcard, "preDNAT", "ingress", before);
      if (isFinal(early)) return early;
    }
    host = runChain(context, wildcard, "forward", hostDirection, after);
    if (isFinal(host)) return host;
  }
  const pod = askPodPolicy(context, podDirection, after);
  return pod.effect === "none" ? host : pod;
}

function loopback(context: Context, flow: ReadFlow, before: Packet, after: Packet): Decision {
  const out = program(context, flow.interface, "egress", before, after);
  return isFinal(out) ? out : program(context, flow.interface, "ingress", after, after);
}
