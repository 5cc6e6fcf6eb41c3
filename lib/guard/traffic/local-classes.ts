import type { Address } from "../../address/parse-address.ts";
import type { Node } from "../../model/node.ts";
import type { World } from "../../policy/world/world.ts";
import { addressClasses } from "../proof/address-classes.ts";
import type { Criteria } from "../proof/flow-criteria.ts";
import { addressesOfNode } from "../proof/node-addresses.ts";

/** Nodes whose own addresses none of the criteria tell apart, together. */
export function localClasses(
  deciding: readonly { readonly world: World; readonly criteria: Criteria }[],
  nodes: readonly Node[],
  addresses: readonly Address[],
): readonly (readonly Node[])[] {
  const values = new Set(addresses.map((it) => it.value));
  const classes = deciding.map(({ world, criteria }) => addressClasses([world], criteria, values));
  const keyOf = (node: Node): string =>
    addressesOfNode(node)
      .map((it) => classes.map(({ classOf }) => classOf(it)).join("/"))
      .join();
  return [...Map.groupBy(nodes, keyOf).values()];
}
