import type { Flow, FlowEnd } from "../../model/flow.ts";
import { parseAddress, type Address } from "../../address/parse-address.ts";
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE, protocolNumberOf } from "../rules/protocol.ts";
import type { Context } from "./decision.ts";
import type { Packet } from "./packet.ts";
import type { Packets } from "./packet-paths.ts";
import { findPod } from "./pod-policy.ts";
import { interfaceNamed, mainInterface, type Interface } from "./resolve-endpoint.ts";

/** A flow that makes sense, ready to be walked through the hooks. */
export type ReadFlow = {
  readonly direction: Flow["direction"];
  readonly interface: Interface;
  /** Where a forwarded packet leaves; the same as `interface` otherwise. */
  readonly outInterface: Interface;
  readonly packets: Packets;
};

/** Reads a flow; a sentence that says why when it makes no sense. */
export function readFlow(context: Context, flow: Flow): ReadFlow | string {
  const before = readPacket(flow, flow.destination);
  if (typeof before === "string") return before;
  const after =
    flow.dnat === undefined || flow.dnat === null
      ? before
      : readPacket(flow, withPort(flow.dnat, flow.destination));
  if (typeof after === "string") return after;
  const packets = { before, after };
  switch (flow.direction) {
    case "ingress": {
      const on = chooseInterface(context, flow.interface, before.source);
      return { direction: flow.direction, interface: on, outInterface: on, packets };
    }
    case "egress": {
      const out = chooseInterface(context, flow.interface, after.destination);
      return { direction: flow.direction, interface: out, outInterface: out, packets };
    }
    case "forward": {
      const into = chooseInterface(context, flow.interface, before.source);
      const out = chooseInterface(context, flow.outInterface, after.destination);
      return { direction: flow.direction, interface: into, outInterface: out, packets };
    }
    case "local": {
      const loopback = interfaceNamed(context.node, flow.interface ?? "lo");
      return { direction: flow.direction, interface: loopback, outInterface: loopback, packets };
    }
    default:
      return `direction ${JSON.stringify(flow.direction)} is none of ingress, egress, forward, local`;
  }
}

/** The named interface; else that of the node's own pod when the peer is one; else the node's main interface. */
function chooseInterface(context: Context, name: string | undefined, peer: Address): Interface {
  if (name !== undefined) return interfaceNamed(context.node, name);
  const pods = context.world.policies.podsByNode.get(context.node.facts.name);
  if (pods?.has(peer.value) === true && findPod(context, peer) !== undefined) {
    return { name: undefined, addresses: [], workload: true };
  }
  return mainInterface(context.node);
}

function withPort(end: FlowEnd, original: FlowEnd): FlowEnd {
  return end.port === undefined || end.port === null ? { ...end, port: original.port ?? null } : end;
}

function readPacket(flow: Flow, to: FlowEnd): Packet | string {
  const protocol = protocolNumberOf(flow.protocol);
  if (protocol === undefined)
    return `protocol ${JSON.stringify(flow.protocol)} is no protocol name and no number from 0 to 255`;
  const source = parseAddress(flow.source.ip);
  if (source === undefined) return `source ${JSON.stringify(flow.source.ip)} is no IP address`;
  const destination = parseAddress(to.ip);
  if (destination === undefined) return `destination ${JSON.stringify(to.ip)} is no IP address`;
  if (source.family !== destination.family) return "source and destination are of different IP families";
  if (protocol === ICMP && source.family === 6)
    return "icmp is an IPv4 protocol, the addresses are IPv6; use icmpv6";
  if (protocol === ICMPV6 && source.family === 4)
    return "icmpv6 is an IPv6 protocol, the addresses are IPv4; use icmp";
  const sourcePort = flow.source.port ?? undefined;
  const destinationPort = to.port ?? undefined;
  const ports = [sourcePort, destinationPort].filter((port) => port !== undefined);
  if (!hasPorts(protocol)) {
    if (ports.length > 0) return `protocol ${String(flow.protocol)} has no ports`;
  } else if (destinationPort === undefined)
    return `protocol ${String(flow.protocol)} needs a destination port`;
  const wrong = ports.find((port) => !Number.isInteger(port) || port < 0 || port > 65_535);
  if (wrong !== undefined) return `port ${wrong} is not from 0 to 65535`;
  const icmp = flow.icmp ?? undefined;
  if (icmp !== undefined && protocol !== ICMP && protocol !== ICMPV6)
    return `protocol ${String(flow.protocol)} has no ICMP type`;
  const wrongIcmp = [icmp?.type, icmp?.code].find(
    (value) => value !== undefined && (!Number.isInteger(value) || value < 0 || value > 255),
  );
  if (wrongIcmp !== undefined) return `ICMP type or code ${wrongIcmp} is not from 0 to 255`;
  return {
    protocol,
    source,
    sourcePort,
    destination,
    destinationPort,
    icmpType: icmp?.type,
    icmpCode: icmp?.code,
  };
}

function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === SCTP || protocol === UDP_LITE;
}
