import { addressSetContains } from "../../address/address-set.ts";
import type { Address } from "../../address/parse-address.ts";
import { EPHEMERAL_PORTS, type Packet } from "../hooks/packet.ts";
import { portKey } from "../world/members.ts";
import type { World } from "../world/world.ts";
import type { CompiledEnd, CompiledIcmp, CompiledPorts, CompiledRule } from "./compile-rule.ts";
import { ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE } from "./protocol.ts";

/** `yes`, `no`, or what would have to be known to tell. */
export type Match =
  | "yes"
  | "no"
  | "unknown-service"
  | "unknown-set-members"
  | "unknown-source-port"
  | "unknown-icmp-type"
  | "unknown-selector";

/**
 * Does a rule match a packet? All criteria must hold; a criterion that cannot be told counts only when no other one fails.
 * Source: docs/calico.md 6 and 7. `http` is not looked at: the dataplane ignores it.
 */
export function matchRule(world: World, rule: CompiledRule, packet: Packet): Match {
  if (!(packet.source.family === 4 ? rule.appliesToV4 : rule.appliesToV6)) return "no";
  if (rule.protocol !== undefined && rule.protocol !== packet.protocol) return "no";
  if (rule.notProtocol !== undefined && rule.notProtocol === packet.protocol) return "no";
  let result: Match = "yes";
  if (rule.icmp !== undefined) result = both(result, matchIcmp(rule.icmp, packet));
  if (rule.notIcmp !== undefined) result = both(result, not(matchIcmp(rule.notIcmp, packet)));
  if (rule.source.restricts)
    result = both(result, matchEnd(world, rule.source, packet, packet.source, packet.sourcePort, true));
  if (rule.destination.restricts && result !== "no") {
    result = both(
      result,
      matchEnd(world, rule.destination, packet, packet.destination, packet.destinationPort, false),
    );
  }
  if (rule.undecidable !== "no") result = both(result, "unknown-selector");
  return rule.services ? both(result, "unknown-service") : result;
}

function matchEnd(
  world: World,
  end: CompiledEnd,
  packet: Packet,
  address: Address,
  port: number | undefined,
  isSource: boolean,
): Match {
  if (end.nets !== undefined && !addressSetContains(end.nets, address)) return "no";
  if (end.notNets !== undefined && addressSetContains(end.notNets, address)) return "no";
  let result: Match = "yes";
  if (end.ports !== undefined)
    result = both(result, matchPorts(world, end.ports, packet, address, port, isSource));
  if (end.notPorts !== undefined && result !== "no") {
    result = both(result, not(matchPorts(world, end.notPorts, packet, address, port, isSource)));
  }
  if (end.selectorSet !== undefined && result !== "no")
    result = both(result, isMember(world, end.selectorSet, address));
  if (end.notSelectorSet !== undefined && result !== "no")
    result = both(result, not(isMember(world, end.notSelectorSet, address)));
  return result;
}

/** An address that is in the set is in it whatever else exists; one that is not may be unread. */
function isMember(world: World, set: number, address: Address): Match {
  if (addressSetContains(world.members(set), address)) return "yes";
  return world.mayHaveUnread(set) ? "unknown-set-members" : "no";
}

/** A number or a name of the list fits. A source port that nobody named is any ephemeral one. */
function matchPorts(
  world: World,
  ports: CompiledPorts,
  packet: Packet,
  address: Address,
  port: number | undefined,
  isSource: boolean,
): Match {
  if (!hasPorts(packet.protocol)) return "no";
  if (port === undefined) return isSource ? matchEphemeral(world, ports, packet, address) : "no";
  if (ports.ranges.some((range) => port >= range.first && port <= range.last)) return "yes";
  let result: Match = "no";
  for (const set of ports.sets) {
    const members = world.portMembers(set).get(portKey(packet.protocol, port));
    if (members !== undefined && addressSetContains(members, address)) return "yes";
    if (world.mayHaveUnread(set)) result = "unknown-set-members";
  }
  return result;
}

function matchEphemeral(world: World, ports: CompiledPorts, packet: Packet, address: Address): Match {
  const touching = ports.ranges.filter(
    (range) => range.last >= EPHEMERAL_PORTS.first && range.first <= EPHEMERAL_PORTS.last,
  );
  if (touching.some((range) => range.first <= EPHEMERAL_PORTS.first && range.last >= EPHEMERAL_PORTS.last))
    return "yes";
  if (touching.length > 0) return "unknown-source-port";
  for (const set of ports.sets) {
    for (const [key, members] of world.portMembers(set)) {
      const port = key - portKey(packet.protocol, 0);
      if (
        port >= EPHEMERAL_PORTS.first &&
        port <= EPHEMERAL_PORTS.last &&
        addressSetContains(members, address)
      )
        return "unknown-source-port";
    }
  }
  return "no";
}

function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === SCTP || protocol === UDP_LITE;
}

function matchIcmp(icmp: CompiledIcmp, packet: Packet): Match {
  if (packet.protocol !== ICMP && packet.protocol !== ICMPV6) return "no";
  if (packet.icmpType === undefined) return "unknown-icmp-type";
  if (icmp.type !== packet.icmpType) return "no";
  if (icmp.code === undefined) return "yes";
  if (packet.icmpCode === undefined) return "unknown-icmp-type";
  return icmp.code === packet.icmpCode ? "yes" : "no";
}

function both(a: Match, b: Match): Match {
  if (a === "no" || b === "no") return "no";
  return a === "yes" ? b : a;
}

function not(match: Match): Match {
  return match === "yes" ? "no" : match === "no" ? "yes" : match;
}
