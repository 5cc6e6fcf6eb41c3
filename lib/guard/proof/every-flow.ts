/**
 * Flows that stand for every flow of a node: one for each class of addresses, ports and protocols that the policies tell apart.
 *
 * In: worlds with the same policies. Out: questions for a node. Must never happen: two packets that some rule tells apart and that
 * have no question of their own, within the bound.
 */
import { addressSetKey, type AddressSet } from "../../address/address-set.ts";
import { formatAddress, type Address } from "../../address/parse-address.ts";
import type { Flow } from "../../model/flow.ts";
import type { CompiledEnd, CompiledRule } from "../../policy/rules/compile-rule.ts";
import { ICMP, ICMPV6, SCTP, TCP, UDP } from "../../policy/rules/protocol.ts";
import type { CompiledPolicies, World } from "../../policy/world/world.ts";
import { addressClasses, type AddressClasses } from "./address-classes.ts";
import type { Criteria } from "./flow-criteria.ts";

/** So many questions about one node at most; of more, an even sample is asked. */
const MOST_QUESTIONS = 20_000;
/** Addresses that are nobody's (RFC 5737, RFC 3849) first: an example is to be read. */
const EVERYWHERE = ["198.51.100.0/24", "2001:db8::/32", "10.0.0.0/8", "0.0.0.0/0", "::/0"];
/** None that policies are written for; it stands for all that no rule names. */
const UNNAMED_PORT = 9;
const UNNAMED_PROTOCOL = 253;
const WITH_PORTS: readonly number[] = [TCP, UDP, SCTP];

export type EveryFlow = {
  readonly classes: AddressClasses;
  readonly questionsFor: (node: string) => readonly Flow[];
};

/** @param nodeAddresses of the cluster's nodes: they are peers, too */
export function everyFlow(worlds: readonly World[], nodeAddresses: readonly Address[]): EveryFlow {
  const [world] = worlds;
  if (world === undefined) throw new Error("flows are asked of a world");
  const rules = rulesOf(world.policies);
  const ends = rules.flatMap((it) => [it.source, it.destination]);
  const classes = addressClasses(
    worlds,
    criteriaOf(ends, rules),
    new Set(nodeAddresses.map((it) => it.value)),
  );
  const peers = distinct([
    ...oneOfEachClass(
      EVERYWHERE.flatMap((it) => classes.representatives(it, 1)),
      classes,
    ),
    ...[...Map.groupBy(nodeAddresses, (it) => classes.classOf(it)).values()].flatMap((it) => it.slice(0, 2)),
  ]);
  const kinds = kindsOf(rules, portsOf(ends, world));
  return { classes, questionsFor: (node) => sample(questions(worlds, node, peers, kinds)) };
}

function oneOfEachClass(addresses: readonly Address[], classes: AddressClasses): readonly Address[] {
  return [...new Map([...addresses].reverse().map((it) => [classes.classOf(it), it])).values()].reverse();
}

function rulesOf({ tiers, otherReadings, profiles }: CompiledPolicies): readonly CompiledRule[] {
  const all = [tiers, ...otherReadings.map((it) => it.tiers)].flat();
  return [
    ...all.flatMap((tier) =>
      tier.policies.filter((it) => !it.staged).flatMap((it) => [...it.ingress, ...it.egress]),
    ),
    ...[...profiles.values()].flatMap((it) => [...it.ingress, ...it.egress]),
  ];
}

function criteriaOf(ends: readonly CompiledEnd[], rules: readonly CompiledRule[]): Criteria {
  const nets = new Map<string, AddressSet>();
  const sets = new Set<number>();
  for (const end of ends) {
    for (const it of [end.nets, end.notNets]) if (it !== undefined) nets.set(addressSetKey(it), it);
    for (const it of [
      end.selectorSet,
      end.notSelectorSet,
      ...(end.ports?.sets ?? []),
      ...(end.notPorts?.sets ?? []),
    ])
      if (it !== undefined) sets.add(it);
  }
  return { nets: [...nets.values()], sets: [...sets].sort((a, b) => a - b), tunnels: rules.length > 0 };
}

/** The first and the last port of each range, the one after it, and one that nobody names. */
function portsOf(ends: readonly CompiledEnd[], world: World): readonly number[] {
  const ports = new Set<number>();
  for (const end of ends)
    for (const it of [end.ports, end.notPorts]) {
      for (const { first, last } of it?.ranges ?? [])
        for (const port of [first, last, last + 1]) if (port > 0 && port <= 65_535) ports.add(port);
      for (const set of it?.sets ?? [])
        for (const key of world.portMembers(set).keys()) ports.add(key & 0xffff);
    }
  return [...[...ports].sort((a, b) => a - b), UNNAMED_PORT];
}

/** Protocol, and port or type where it has one. */
type Kind = { readonly protocol: number; readonly port?: number; readonly icmp?: Flow["icmp"] };

function kindsOf(rules: readonly CompiledRule[], ports: readonly number[]): readonly Kind[] {
  const protocols = new Set([TCP, UDP, ICMP, ICMPV6, UNNAMED_PROTOCOL]);
  for (const { protocol, notProtocol } of rules)
    for (const it of [protocol, notProtocol]) if (it !== undefined) protocols.add(it);
  const types = new Set([8, 128]);
  for (const { icmp, notIcmp } of rules)
    for (const it of [icmp, notIcmp]) if (it !== undefined) types.add(it.type);
  return [...protocols].flatMap((protocol): readonly Kind[] => {
    if (WITH_PORTS.includes(protocol)) return ports.map((port) => ({ protocol, port }));
    if (protocol === ICMP || protocol === ICMPV6)
      return [...types].map((type) => ({ protocol, icmp: { type, code: 0 } }));
    return [{ protocol }];
  });
}

/** An interface of the node with the addresses by which it is reached there. */
type Near = { readonly name: string | undefined; readonly addresses: readonly Address[] };

function nearOf(worlds: readonly World[], node: string): readonly Near[] {
  const there = worlds[0]?.nodes.get(node);
  if (there === undefined) return [];
  const { facts } = there;
  const known = [...facts.interfaces].filter(([name]) => name !== "lo");
  const named = worlds.flatMap((it) =>
    (it.nodes.get(node)?.endpoints ?? []).flatMap(({ interfaceName }) =>
      interfaceName === "" || interfaceName === "lo" || facts.interfaces.has(interfaceName)
        ? []
        : [interfaceName],
    ),
  );
  return [
    ...known.map(([name, addresses]): Near => ({
      name,
      addresses: addresses.length === 0 ? facts.mainAddresses : addresses,
    })),
    ...[...new Set(named)].map((name): Near => ({ name, addresses: facts.mainAddresses })),
    { name: facts.mainInterface === undefined ? "main" : undefined, addresses: facts.mainAddresses },
  ];
}

function questions(
  worlds: readonly World[],
  node: string,
  peers: readonly Address[],
  kinds: readonly Kind[],
): readonly Flow[] {
  return nearOf(worlds, node).flatMap((near) =>
    near.addresses.flatMap((own) =>
      peers
        .filter((it) => it.family === own.family && it.value !== own.value)
        .flatMap((peer) =>
          kinds
            .filter(({ protocol }) => protocol !== (own.family === 4 ? ICMPV6 : ICMP))
            .flatMap((kind) => bothWays(node, near.name, own, peer, kind)),
        ),
    ),
  );
}

function bothWays(
  node: string,
  name: string | undefined,
  own: Address,
  peer: Address,
  { protocol, port, icmp }: Kind,
): readonly Flow[] {
  const [mine, theirs] = [own, peer].map((it) => ({ ip: formatAddress(it) }));
  if (mine === undefined || theirs === undefined) return [];
  const to = (end: { readonly ip: string }) => (port === undefined ? end : { ...end, port });
  const base = {
    node,
    protocol,
    ...(name === undefined ? {} : { interface: name }),
    ...(icmp === undefined ? {} : { icmp }),
  };
  return [
    { ...base, direction: "ingress", source: theirs, destination: to(mine) },
    { ...base, direction: "egress", source: mine, destination: to(theirs) },
  ];
}

function distinct(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((it) => [formatAddress(it), it])).values()];
}

function sample(flows: readonly Flow[]): readonly Flow[] {
  const stride = Math.ceil(flows.length / MOST_QUESTIONS);
  return stride <= 1 ? flows : flows.filter((_, index) => index % stride === 0);
}
