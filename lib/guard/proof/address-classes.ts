import { addressSetContains, type AddressSet } from "../../address/address-set.ts";
import { boundariesInside } from "../../address/boundaries.ts";
import { parseNetwork, type Address, type Network } from "../../address/parse-address.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import type { World } from "../../policy/world/world.ts";
import type { Criteria } from "./flow-criteria.ts";

/**
 * Addresses that the criteria of a flow cannot tell apart are one class: what holds for one holds for all of them. That is
 * how 5,000 nodes become a few, and how a whole CIDR block can be asked about with a handful of addresses.
 */
export type AddressClasses = {
  /** Equal for two addresses exactly when no criterion, in no state, holds for only one of them. */
  readonly classOf: (address: Address) => number;
  /** True when there is nothing that could tell two addresses of one family apart. */
  readonly areAllAlike: boolean;
  /** True when state `s` and state `p` put the address into the same sets. */
  readonly isSame: (address: Address, s: number, p: number) => boolean;
  /** So many addresses of each class in the block, where it has them, that no node has. */
  readonly representatives: (block: string, count: number) => readonly Address[];
};

/** Boundaries of one block that are looked at; a block list with more of them inside one block is sampled. */
const MOST_BOUNDARIES = 4_096;

/** In: the world of each state, the criteria, the addresses of the cluster's own nodes (which nobody else has). */
export function addressClasses(
  worlds: readonly World[],
  criteria: Criteria,
  nodeAddresses: ReadonlySet<number | bigint>,
): AddressClasses {
  const lists = listsOf(criteria, worlds[0]);
  const numbers = new Map<string, number>();
  const known = new Map<number | bigint, { readonly class: number; readonly perState: readonly string[] }>();
  const look = (address: Address) => {
    const seen = known.get(address.value);
    if (seen !== undefined) return seen;
    const perState = worlds.map((world) =>
      everyReading(world)
        .map((it) => setSignature(it, criteria.sets, address))
        .join("~"),
    );
    const signature = `${address.family}|${netSignature(criteria, worlds[0], address)}|${perState.join("|")}`;
    const number = numbers.get(signature) ?? numbers.size;
    numbers.set(signature, number);
    const found = { class: number, perState };
    known.set(address.value, found);
    return found;
  };
  return {
    classOf: (address) => look(address).class,
    areAllAlike: criteria.nets.length === 0 && criteria.sets.length === 0 && !criteria.tunnels,
    isSame: (address, s, p) => {
      if (s === p || criteria.sets.length === 0) return true;
      const { perState } = look(address);
      return perState[s] === perState[p];
    },
    representatives: (block, count) => {
      const network = parseNetwork(block);
      if (network === undefined) return [];
      const distinct = freeAddresses(lists, network, nodeAddresses, count);
      return [...Map.groupBy(distinct, (it) => look(it).class).values()].flatMap((it) => it.slice(0, count));
    },
  };
}

/** So many addresses from each stretch of a block that the lists tell apart, which no node has. */
export function freeAddresses(
  lists: readonly AddressSet[],
  block: Network,
  nodes: ReadonlySet<number | bigint>,
  count: number,
): readonly Address[] {
  const found = [block, ...stretchesInside(lists, block)].flatMap((it) => freeIn(it, nodes, count));
  return [...new Map(found.map((it) => [it.value, it])).values()];
}

/** Lists of addresses whose ends may be where membership changes. */
export function listsOf(criteria: Criteria, world: World | undefined): readonly AddressSet[] {
  const networkSets = criteria.sets.length === 0 ? [] : (world?.policies.networkSets ?? []);
  return [...criteria.nets, ...networkSets.flatMap(({ nets }) => (nets === undefined ? [] : [nets]))];
}

/** What begins inside a block at a boundary. */
function stretchesInside(lists: readonly AddressSet[], block: Network): readonly Network[] {
  return boundariesInside(lists, block, MOST_BOUNDARIES).map((it): Network =>
    it.family === 4
      ? { family: 4, first: it.value, last: block.last as number, prefix: 32 }
      : { family: 6, first: it.value, last: block.last as bigint, prefix: 128 },
  );
}

/** The first addresses of a stretch that no node has; a single address counts, whoever has it: it was named on purpose. */
function freeIn(stretch: Network, nodes: ReadonlySet<number | bigint>, count: number): readonly Address[] {
  const found: Address[] = [];
  if (stretch.family === 4) {
    if (stretch.first === stretch.last) return [{ family: 4, value: stretch.first }];
    for (let value = stretch.first; value <= stretch.last && found.length < count; value++)
      if (!nodes.has(value)) found.push({ family: 4, value });
    return found;
  }
  if (stretch.first === stretch.last) return [{ family: 6, value: stretch.first }];
  for (let value = stretch.first; value <= stretch.last && found.length < count; value++)
    if (!nodes.has(value)) found.push({ family: 6, value });
  return found;
}

function netSignature(criteria: Criteria, world: World | undefined, address: Address): string {
  const bit = (set: AddressSet) => (addressSetContains(set, address) ? "1" : "0");
  let signature = "";
  for (const set of criteria.nets) signature += bit(set);
  if (criteria.tunnels && world !== undefined)
    signature += bit(world.tunnelPeers("IP-in-IP")) + bit(world.tunnelPeers("VXLAN"));
  return signature;
}

/** Which of the sets hold the address in a world. */
function setSignature(world: World, sets: readonly number[], address: Address): string {
  let signature = "";
  for (const set of sets) {
    if (world.policies.sets.definitions[set]?.kind === "addresses") {
      signature += addressSetContains(world.members(set), address) ? "1" : "0";
      continue;
    }
    for (const [key, members] of world.portMembers(set))
      if (addressSetContains(members, address)) signature += `<${set}:${key}>`;
  }
  return signature;
}
