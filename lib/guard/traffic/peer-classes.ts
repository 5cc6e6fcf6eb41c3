import {
  formatAddress,
  parseAddress,
  parseNetwork,
  type Address,
  type Family,
} from "../../address/parse-address.ts";
import { whyForbidden, NOTHING_RESERVED } from "../../address/forbidden-address.ts";
import type { World } from "../../policy/world/world.ts";
import { addressClasses, freeAddresses, listsOf } from "../proof/address-classes.ts";
import type { Criteria } from "../proof/flow-criteria.ts";

/** Whole families, and an address of documentation in each, which stands for "anybody else" where nothing tells it apart. */
const FAMILIES = [
  { family: 4, whole: "0.0.0.0/0", anybody: "198.51.100.7" },
  { family: 6, whole: "::/0", anybody: "2001:db8::7" },
] as const satisfies readonly { readonly family: Family; readonly whole: string; readonly anybody: string }[];

/**
 * Other sides of flows: one address of each class that the criteria of one of the worlds tell apart, of nodes two, so that a node
 * which is one of them still has one to talk to. What can be nobody's (loopback, multicast, …) is left out.
 */
export function peerAddresses(
  deciding: readonly { readonly world: World; readonly criteria: Criteria }[],
  family: Family,
  nodes: readonly Address[],
): readonly Address[] {
  const values = new Set(nodes.map((it) => it.value));
  const classes = deciding.map(({ world, criteria }) => addressClasses([world], criteria, values));
  const { whole, anybody } = FAMILIES.find((it) => it.family === family) ?? FAMILIES[0];
  const block = parseNetwork(whole);
  const lists = deciding.flatMap(({ world, criteria }) => listsOf(criteria, world));
  const outside = [
    ...[parseAddress(anybody) ?? []].flat(),
    ...(block === undefined ? [] : freeAddresses(lists, block, values, 1)),
  ].filter((it) => !isNobodys(it));
  const keyOf = (it: Address): string => classes.map(({ classOf }) => classOf(it)).join();
  const distinct = (addresses: readonly Address[], count: number) =>
    [...Map.groupBy(addresses, keyOf).values()].flatMap((it) => it.slice(0, count));
  const found = [
    ...distinct(outside, 1),
    ...distinct(
      nodes.filter((it) => it.family === family),
      2,
    ),
  ];
  return [...new Map(found.map((it) => [formatAddress(it), it])).values()];
}

/** Addresses that no packet between two machines bears. */
const NOBODYS: ReadonlySet<string | undefined> = new Set([
  "unspecified",
  "loopback",
  "multicast",
  "broadcast",
]);

function isNobodys(address: Address): boolean {
  return NOBODYS.has(whyForbidden(address, NOTHING_RESERVED));
}
