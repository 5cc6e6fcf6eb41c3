import { addressSetContains, buildAddressSet, type AddressSet } from "../../address/address-set.ts";
import { ALLOW_PROFILE } from "../../names/names.ts";
import { networkOf, type Address } from "../../address/parse-address.ts";
import type { World } from "../../policy/world/world.ts";

/**
 * A world in which a node is in one state and its peer in another: writes for different nodes happen in any order. Only
 * what a flow between the two can meet is right in it: the membership of their two addresses.
 */
export function worldBetween(own: World, others: World, local: Address, peer: Address): World {
  return {
    ...own,
    otherReadings: own.otherReadings.map((it, index) =>
      worldBetween(it, others.otherReadings[index] ?? others, local, peer),
    ),
    members: (set) => together(own.members(set), others.members(set), local, peer),
    portMembers: (set) => {
      const [mine, theirs] = [own.portMembers(set), others.portMembers(set)];
      const none = buildAddressSet([]);
      return new Map(
        [...new Set([...mine.keys(), ...theirs.keys()])].map((key) => [
          key,
          together(mine.get(key) ?? none, theirs.get(key) ?? none, local, peer),
        ]),
      );
    },
  };
}

function together(mine: AddressSet, theirs: AddressSet, local: Address, peer: Address): AddressSet {
  return buildAddressSet([
    ...(addressSetContains(mine, local) ? [networkOf(local)] : []),
    ...(addressSetContains(theirs, peer) ? [networkOf(peer)] : []),
  ]);
}

/** What packets of a known connection meet: connection tracking lets them pass everything but untracked policy (docs/calico.md 10). */
export function establishedWorld(world: World, node: string): World {
  const there = world.nodes.get(node);
  if (there === undefined) return world;
  const none = { ingress: [], egress: [] };
  const allowing = <T extends { readonly profiles: readonly string[] }>(it: T): T => ({
    ...it,
    profiles: [ALLOW_PROFILE],
  });
  return {
    ...world,
    otherReadings: world.otherReadings.map((it) => establishedWorld(it, node)),
    nodes: new Map([
      [
        node,
        {
          ...there,
          settings: { ...there.settings, dropsInvalid: false },
          endpoints: there.endpoints.map(allowing),
          wildcard: there.wildcard === undefined ? undefined : allowing(there.wildcard),
        },
      ],
    ]),
    tiersFor: (labels) => ({
      untracked: world.tiersFor(labels).untracked,
      preDNAT: none,
      forward: none,
      normal: none,
    }),
  };
}
