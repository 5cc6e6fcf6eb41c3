import { includes } from "../../policy/world/node-facts.ts";
import type { Endpoint } from "../../policy/world/endpoint.ts";
import type { World, WorldNode } from "../../policy/world/world.ts";

/**
 * One number for each node, equal for nodes whose endpoints and settings are alike in every state: the same policies
 * select them, the same profiles follow, the same interfaces are governed. Their addresses are not looked at.
 */
export function endpointClasses(worlds: readonly World[]): ReadonlyMap<string, number> {
  const [first] = worlds;
  const identities = new Map<unknown, number>();
  const numbers = new Map<string, number>();
  const numberOf = (key: string): number => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  return new Map(
    [...(first?.nodes.keys() ?? [])].map((name) => [
      name,
      numberOf(worlds.map((world) => worldKey(world, world.nodes.get(name), identities)).join("\n")),
    ]),
  );
}

function worldKey(world: World, node: WorldNode | undefined, identities: Map<unknown, number>): string {
  if (node === undefined) return "";
  const { mainInterface, interfacesKnown, interfaces } = node.facts;
  const endpoints = node.wildcard === undefined ? node.endpoints : [...node.endpoints, node.wildcard];
  return [
    identity(node.settings, identities),
    mainInterface ?? "",
    interfacesKnown,
    [...interfaces.keys()].join(),
    endpoints.map((it) => endpointKey(world, node, it, identities)).join(";"),
  ].join(" ");
}

/** Everything of an endpoint that a verdict looks at, in the order in which Felix prefers them. */
function endpointKey(
  world: World,
  node: WorldNode,
  endpoint: Endpoint,
  identities: Map<unknown, number>,
): string {
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
  // Labels that the same policies select share one arrangement.
  return `${matches}|${endpoint.profiles.join()}|${identity(world.tiersFor(endpoint.labels), identities)}`;
}

function identity(value: unknown, identities: Map<unknown, number>): number {
  const number = identities.get(value) ?? identities.size;
  identities.set(value, number);
  return number;
}
