import type { Packet } from "../hooks/packet.ts";
import type { CompiledPorts, CompiledRule } from "../rules/compile-rule.ts";
import type { Narrowing, TierPolicies } from "./tier-policies.ts";

/** Kept lists per world; beyond that the whole list is walked, so that memory stays bounded whatever is asked. */
const MAXIMUM_KEPT = 20_000;

/**
 * Leaves out, once per kind of packet, the rules that cannot match it whatever its addresses are. Flows of a fleet share
 * few protocols and destination ports, so most of a long policy list is never looked at again. The answer is the same as
 * from the whole list: tiers stay, because their end still counts, and rules keep their numbers.
 */
export function newNarrowing(): Narrowing {
  const kept = new WeakMap<readonly TierPolicies[], Map<number, readonly TierPolicies[]>>();
  let count = 0;
  return (tiers, packet) => {
    if (tiers.length === 0) return tiers;
    const key = packetKey(packet);
    const perKey = kept.get(tiers) ?? new Map<number, readonly TierPolicies[]>();
    const known = perKey.get(key);
    if (known !== undefined) return known;
    if (count >= MAXIMUM_KEPT) return tiers;
    count++;
    const narrowed = tiers.map((tier) => narrowTier(tier, packet));
    kept.set(tiers, perKey.set(key, narrowed));
    return narrowed;
  };
}

function packetKey(packet: Packet): number {
  const port = packet.destinationPort === undefined ? 65_536 : packet.destinationPort;
  return (packet.protocol * 65_537 + port) * 2 + (packet.source.family === 4 ? 0 : 1);
}

function narrowTier(tier: TierPolicies, packet: Packet): TierPolicies {
  const policies = tier.policies.flatMap(({ policy, rules }) => {
    const possible = rules.filter(({ rule }) => couldMatch(rule, packet));
    return possible.length === 0 ? [] : [{ policy, rules: possible }];
  });
  return { ...tier, policies };
}

function couldMatch(rule: CompiledRule, packet: Packet): boolean {
  if (rule.action === "log") return false;
  if (!(packet.source.family === 4 ? rule.appliesToV4 : rule.appliesToV6)) return false;
  if (rule.protocol !== undefined && rule.protocol !== packet.protocol) return false;
  if (rule.notProtocol !== undefined && rule.notProtocol === packet.protocol) return false;
  const { ports, notPorts } = rule.destination;
  const port = packet.destinationPort;
  if (ports !== undefined && ports.sets.length === 0 && !(port !== undefined && inRanges(ports, port)))
    return false;
  return notPorts === undefined || port === undefined || !inRanges(notPorts, port);
}

function inRanges(ports: CompiledPorts, port: number): boolean {
  return ports.ranges.some((range) => port >= range.first && port <= range.last);
}
