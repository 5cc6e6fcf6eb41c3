import { addressSetContains, type AddressSet } from "../../policy/address/address-set.ts";
import {
  formatAddress,
  networkContains,
  parseAddress,
  parseNetwork,
  type Address,
  type Network,
} from "../../policy/address/parse-address.ts";
import type { CompiledRule } from "../../policy/rules/compile-rule.ts";
import type { World } from "../../policy/world/world.ts";

/**
 * Addresses that no rule can tell apart are one class: what holds for one holds for all of them. That is how 5,000 nodes
 * become a few, and how a whole CIDR block can be asked about with a handful of addresses.
 */
export type AddressClasses = {
  /** Equal for two addresses exactly when no net, failsafe or address set, in no state, holds only one of them. */
  readonly classOf: (address: Address) => number;
  /** True when state `s` and state `p` put the address into the same sets. */
  readonly isSame: (address: Address, s: number, p: number) => boolean;
  /** One address of each class that lies in the block. */
  readonly representatives: (block: string) => readonly Address[];
};

/** Boundaries of one block that are looked at; a block list with more of them inside one block is sampled. */
const MOST_BOUNDARIES = 4_096;

/** In: the world of each state, and the addresses of the cluster's own nodes, which are nobody else's. */
export function addressClasses(worlds: readonly World[], nodeAddresses: readonly Address[]): AddressClasses {
  const nets = distinctNets(worlds);
  const boundaries = boundariesOf(nets, worlds);
  const nodes = new Set(nodeAddresses.map((it) => it.value));
  const numbers = new Map<string, number>();
  const known = new Map<number | bigint, { readonly class: number; readonly perState: readonly string[] }>();
  const look = (address: Address) => {
    const seen = known.get(address.value);
    if (seen !== undefined) return seen;
    const perState = worlds.map((world) => setSignature(world, address));
    const signature = [String(address.family), signatureOf(nets, address), tunnelSignature(worlds[0], address), ...perState].join("|");
    const number = numbers.get(signature) ?? numbers.size;
    numbers.set(signature, number);
    const found = { class: number, perState };
    known.set(address.value, found);
    return found;
  };
  return {
    classOf: (address) => look(address).class,
    isSame: (address, s, p) => {
      const { perState } = look(address);
      return perState[s] === perState[p];
    },
    representatives: (block) => {
      const network = parseNetwork(block);
      if (network === undefined) return [];
      const candidates = [firstFree(network, nodes), ...inside(boundaries, network).map((it) => firstFree(it, nodes))];
      const byClass = new Map<number, Address>();
      for (const it of candidates) {
        if (it === undefined || !networkContains(network, it)) continue;
        const number = look(it).class;
        if (!byClass.has(number)) byClass.set(number, it);
      }
      return [...byClass.values()];
    },
  };
}

/** Every list of nets that a rule or a failsafe asks about. */
function distinctNets(worlds: readonly World[]): readonly AddressSet[] {
  const [world] = worlds;
  if (world === undefined) return [];
  const rules: CompiledRule[] = world.policies.tiers.flatMap((tier) => tier.policies.flatMap((it) => [...it.ingress, ...it.egress]));
  const lists = rules.flatMap((rule) => [rule.source, rule.destination].flatMap((end) => [end.nets, end.notNets]));
  const settings = new Set([...world.nodes.values()].map((it) => it.settings));
  const failsafes = [...settings].flatMap((it) => [...it.failsafes.inbound, ...it.failsafes.outbound]);
  const blocks = new Map(
    [...failsafes.map((it) => it.network), ...[...settings].flatMap((it) => it.externalNodes)]
      .filter((it) => it !== undefined)
      .map((it) => [`${it.first}-${it.last}`, it] as const),
  );
  const unique = new Map<string, AddressSet>();
  for (const list of [...lists.filter((it) => it !== undefined), ...[...blocks.values()].map(asSet)])
    unique.set(keyOf(list), list);
  return [...unique.values()];
}

function asSet(network: Network): AddressSet {
  return network.family === 4
    ? { four: { firsts: [network.first], lasts: [network.last] }, six: { firsts: [], lasts: [] } }
    : { four: { firsts: [], lasts: [] }, six: { firsts: [network.first], lasts: [network.last] } };
}

function keyOf(set: AddressSet): string {
  const { four, six } = set;
  return [Array.from(four.firsts).join(), Array.from(four.lasts).join(), six.firsts.join(), six.lasts.join()].join("/");
}

/** Where membership can change: the first address of every range, and the one after its last. */
function boundariesOf(nets: readonly AddressSet[], worlds: readonly World[]): readonly Address[] {
  const four = new Set<number>();
  const six = new Set<bigint>();
  const add = (first: Address, last: Address) => {
    if (first.family === 4 && last.family === 4) four.add(first.value).add(last.value + 1);
    else if (first.family === 6 && last.family === 6) six.add(first.value).add(last.value + 1n);
  };
  for (const set of nets) {
    Array.from(set.four.firsts).forEach((first, index) =>
      add({ family: 4, value: first }, { family: 4, value: set.four.lasts[index] ?? first }),
    );
    set.six.firsts.forEach((first, index) => add({ family: 6, value: first }, { family: 6, value: set.six.lasts[index] ?? first }));
  }
  for (const it of worlds[0]?.policies.networkSets ?? [])
    for (const network of it.networks)
      if (network.family === 4) add({ family: 4, value: network.first }, { family: 4, value: network.last });
      else add({ family: 6, value: network.first }, { family: 6, value: network.last });
  return [
    ...[...four].filter((it) => it < 2 ** 32).sort((a, b) => a - b).map((value): Address => ({ family: 4, value })),
    ...[...six].filter((it) => it < 1n << 128n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map((value): Address => ({ family: 6, value })),
  ];
}

/** The stretches of a block between two boundaries, but the first, which begins with the block. */
function inside(boundaries: readonly Address[], block: Network): readonly Network[] {
  const within = boundaries.filter((it) => networkContains(block, it));
  const sample = within.length <= MOST_BOUNDARIES ? within : within.filter((_, index) => index % Math.ceil(within.length / MOST_BOUNDARIES) === 0);
  return sample.map((it): Network =>
    it.family === 4
      ? { family: 4, first: it.value, last: block.last as number, prefix: 32 }
      : { family: 6, first: it.value, last: block.last as bigint, prefix: 128 },
  );
}

/** The first address of a stretch that no node has; a stretch of nodes alone has none. */
function firstFree(stretch: Network, nodes: ReadonlySet<number | bigint>): Address | undefined {
  const tries = 8;
  if (stretch.family === 4) {
    for (let value = stretch.first; value <= stretch.last && value < stretch.first + tries; value++)
      if (!nodes.has(value)) return { family: 4, value };
  } else {
    for (let value = stretch.first; value <= stretch.last && value < stretch.first + BigInt(tries); value++)
      if (!nodes.has(value)) return { family: 6, value };
  }
  // A single address that was named on purpose counts, whoever has it.
  return stretch.first === stretch.last ? parseAddress(formatAddress({ family: stretch.family, value: stretch.first } as Address)) : undefined;
}

function signatureOf(nets: readonly AddressSet[], address: Address): string {
  let signature = "";
  for (const set of nets) signature += addressSetContains(set, address) ? "1" : "0";
  return signature;
}

function tunnelSignature(world: World | undefined, address: Address): string {
  if (world === undefined) return "";
  return (["IP-in-IP", "VXLAN"] as const).map((kind) => (addressSetContains(world.tunnelPeers(kind), address) ? "1" : "0")).join("");
}

/** Which address sets and named ports of a world hold the address. */
function setSignature(world: World, address: Address): string {
  let signature = "";
  world.policies.sets.definitions.forEach((definition, set) => {
    if (definition.kind === "addresses") signature += addressSetContains(world.members(set), address) ? "1" : "0";
    else
      for (const [key, members] of world.portMembers(set))
        if (addressSetContains(members, address)) signature += `<${set}:${key}>`;
  });
  return signature;
}
