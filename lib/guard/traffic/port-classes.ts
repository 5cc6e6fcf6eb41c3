import { ICMP, ICMPV6, IPIP, SCTP, TCP, UDP } from "../../policy/rules/protocol.ts";
import type { CompiledPorts, CompiledRule } from "../../policy/rules/compile-rule.ts";
import type { World } from "../../policy/world/world.ts";
import type { DecidingRules } from "./deciding-rules.ts";
import type { PortRange } from "./traffic.ts";

/** Ports that nothing which decides tells apart. */
export type PortClass = { readonly ranges: readonly PortRange[]; readonly port: number };

/** A question's protocol, and what of it is asked. */
export type ProtocolClass =
  | { readonly protocol: "tcp" | "udp" | "sctp"; readonly ports: readonly PortClass[] }
  | { readonly protocol: "icmp" | "icmpv6"; readonly types: readonly number[] }
  | { readonly protocol: number };

const LAST_PORT = 65_535;
const WITH_PORTS = [
  ["tcp", TCP],
  ["udp", UDP],
  ["sctp", SCTP],
] as const;
/** Echo requests: what people mean by ICMP. */
const ECHO = { icmp: 8, icmpv6: 128 } as const;
/** "Use for experimentation and testing" (RFC 3692): stands for every protocol that no rule names. */
const ANY_OTHER_PROTOCOL = 253;

/** In: what decides in each of the worlds. Out: protocols and ports, one class for all that none of them tells apart. */
export function protocolClasses(
  deciding: readonly { readonly world: World; readonly by: DecidingRules }[],
): readonly ProtocolClass[] {
  const rules = deciding.flatMap(({ by }) => by.rules);
  const named = new Set(
    rules.flatMap((it) => [it.protocol, it.notProtocol]).filter((it) => it !== undefined),
  );
  const others = [...new Set([...named, IPIP])]
    .filter((it) => ![ICMP, ICMPV6, TCP, UDP, SCTP].includes(it))
    .sort((a, b) => a - b);
  const types = (own: "icmp" | "icmpv6") => [
    ...new Set([ECHO[own], ...rules.flatMap((it) => [it.icmp?.type ?? [], it.notIcmp?.type ?? []].flat())]),
  ];
  return [
    ...WITH_PORTS.filter(([, number]) => number !== SCTP || named.has(SCTP)).map(([protocol, number]) => ({
      protocol,
      ports: portClasses(deciding, number),
    })),
    { protocol: "icmp", types: types("icmp") },
    { protocol: "icmpv6", types: types("icmpv6") },
    ...[...others, ANY_OTHER_PROTOCOL].map((protocol) => ({ protocol })),
  ];
}

function portClasses(
  deciding: readonly { readonly world: World; readonly by: DecidingRules }[],
  protocol: number,
): readonly PortClass[] {
  const matchers = deciding.flatMap(({ world, by }) => matchersOf(world, by, protocol));
  const starts = new Set([1]);
  for (const { first, last } of matchers.flat()) {
    if (first > 1) starts.add(first);
    if (last < LAST_PORT) starts.add(last + 1);
  }
  const sorted = [...starts].sort((a, b) => a - b);
  const stretches = sorted.map((first, index): PortRange => ({
    first,
    last: (sorted[index + 1] ?? LAST_PORT + 1) - 1,
  }));
  const keyOf = ({ first }: PortRange): string =>
    matchers
      .map((it) => (it.some((range) => first >= range.first && first <= range.last) ? "1" : "0"))
      .join("");
  return [...Map.groupBy(stretches, keyOf).values()].map((ranges) => ({
    ranges,
    port: ranges.find((it) => it.first > 1)?.first ?? ranges[0]?.first ?? 1,
  }));
}

/** Each list of ports that something asks about; equal lists once. */
function matchersOf(
  world: World,
  { rules, failsafes, tunnelPorts }: DecidingRules,
  protocol: number,
): readonly PortRange[][] {
  const lists = [
    ...rules
      .filter((it) => it.protocol === undefined || it.protocol === protocol)
      .flatMap(portsOf)
      .map((it) => [...it.ranges, ...namedPorts(world, it, protocol)]),
    ...failsafes.filter((it) => it.protocol === protocol).map(({ port }) => [{ first: port, last: port }]),
    ...(protocol === UDP ? tunnelPorts.map((port) => [{ first: port, last: port }]) : []),
  ];
  const distinct = new Map(lists.map((it) => [it.map(({ first, last }) => `${first}-${last}`).join(), it]));
  return [...distinct.values()];
}

/** Of both ends: in untracked chains the answer's are the other way round. */
function portsOf({ source, destination }: CompiledRule): readonly CompiledPorts[] {
  return [source.ports, source.notPorts, destination.ports, destination.notPorts].filter(
    (it) => it !== undefined,
  );
}

/** The numbers that named ports have on some endpoint. */
function namedPorts(world: World, { sets }: CompiledPorts, protocol: number): readonly PortRange[] {
  return sets.flatMap((set) =>
    [...world.portMembers(set).keys()]
      .filter((it) => it >> 16 === protocol)
      .map((it) => ({ first: it & 0xffff, last: it & 0xffff })),
  );
}
