import type { Address } from "../../policy/address/parse-address.ts";
import { includes } from "../../policy/world/node-facts.ts";
import type { Endpoint } from "../../policy/world/endpoint.ts";
import { labelSignature } from "../../policy/world/members.ts";
import type { World, WorldNode } from "../../policy/world/world.ts";
import type { AddressClasses } from "./address-classes.ts";

/** Nodes that no policy can tell apart, with the same writes to come: one of them answers for all. */
export type NodeClass = { readonly key: string; readonly nodes: readonly string[] };

export type NodeClassesRequest = {
  /** One world for each state. */
  readonly worlds: readonly World[];
  readonly classes: AddressClasses;
  /** The node's own addresses, one for each family at most. */
  readonly addressesOf: (node: string) => readonly Address[];
  /** Flows that are essential for the node; nodes with different ones are different. */
  readonly flowsOf: (node: string) => string;
  /** How many states the node's own writes have. */
  readonly statesOf: (node: string) => number;
  /** True when the node's address is the only one of its class. */
  readonly isAlone: (address: Address) => boolean;
};

export function nodeClasses(request: NodeClassesRequest): readonly NodeClass[] {
  const [first] = request.worlds;
  if (first === undefined) return [];
  const settings = new Map<unknown, number>();
  const keyOf = (name: string): string => {
    const addresses = request.addressesOf(name);
    return [
      request.flowsOf(name),
      request.statesOf(name),
      addresses.map((it) => `${request.classes.classOf(it)}${request.isAlone(it) ? "!" : ""}`).join(),
      ...request.worlds.map((world) => worldKey(world, world.nodes.get(name), settings)),
    ].join("\n");
  };
  return [...Map.groupBy(first.nodes.keys(), keyOf)].map(([key, nodes]) => ({ key, nodes }));
}

function worldKey(world: World, node: WorldNode | undefined, settings: Map<unknown, number>): string {
  if (node === undefined) return "";
  const number = settings.get(node.settings) ?? settings.size;
  settings.set(node.settings, number);
  const { mainInterface, interfacesKnown, interfaces } = node.facts;
  return [
    number,
    mainInterface ?? "",
    interfacesKnown,
    [...interfaces.keys()].join(),
    [...node.endpoints, ...(node.wildcard === undefined ? [] : [node.wildcard])].map((it) => endpointKey(world, node, it)).join(";"),
  ].join(" ");
}

/** Everything of an endpoint that a verdict looks at, in the order in which Felix prefers them. */
function endpointKey(world: World, node: WorldNode, endpoint: Endpoint): string {
  const { mainAddresses, addresses, interfaces } = node.facts;
  const matches =
    endpoint.interfaceName === ""
      ? [
          endpoint.addresses.some((it) => includes(mainAddresses, it)),
          endpoint.addresses.some((it) => includes(interfaces.get("lo") ?? [], it)),
          endpoint.addresses.every((it) => includes(addresses, it)),
          endpoint.addresses.length,
        ].join()
      : endpoint.interfaceName;
  return `${matches}|${endpoint.profiles.join()}|${labelSignature(endpoint.labels, world.policies.policyLabelNames)}`;
}
