import type { Address } from "../../address/parse-address.ts";
import type { Endpoint } from "../world/endpoint.ts";
import { includes } from "../world/node-facts.ts";
import type { WorldNode } from "../world/world.ts";

/** An interface of a node, as far as it is known. */
export type Interface = {
  /** `undefined`: the node's main interface, whose name nobody recorded. */
  readonly name: string | undefined;
  /** `undefined`: its addresses are not known. */
  readonly addresses: readonly Address[] | undefined;
  /** A pod's interface: HostEndpoints do not attach to it. */
  readonly workload: boolean;
};

/** The HostEndpoint that governs an interface by name or address; `unknown` when that cannot be told. */
export type Resolution =
  | { readonly kind: "none" }
  | { readonly kind: "unknown" }
  | { readonly kind: "endpoint"; readonly endpoint: Endpoint };

/** The interface of that name on the node. */
export function interfaceNamed(node: WorldNode, name: string): Interface {
  const { facts } = node;
  const workload = isWorkloadName(node, name);
  const known = facts.interfaces.get(name);
  // A node whose interfaces were listed has no HostEndpoint address on an interface that is not in the list.
  return { name, workload, addresses: known ?? (facts.interfacesKnown ? [] : undefined) };
}

/** The interface that carries the node's own address. */
export function mainInterface(node: WorldNode): Interface {
  const name = node.facts.mainInterface;
  const workload = name !== undefined && isWorkloadName(node, name);
  return { name, addresses: node.facts.mainAddresses, workload };
}

/** True when `InterfacePrefix` makes Felix take the interface for a pod's. Calico's own tunnels are not. */
function isWorkloadName(node: WorldNode, name: string): boolean {
  return name !== "lo" && node.settings.workloadPrefixes.some((prefix) => name.startsWith(prefix));
}

/**
 * Among the endpoints that match the interface the lowest name wins, however it matched. A named endpoint matches by
 * name only, one without `interfaceName` by address only. `*` endpoints are the fallback, not looked at here.
 * Source: docs/calico.md 8.
 */
export function specificEndpoint(node: WorldNode, on: Interface): Resolution {
  if (on.workload || (on.name !== undefined && node.settings.excludesInterface(on.name)))
    return { kind: "none" };
  for (const endpoint of node.endpoints) {
    const match = endpointMatches(endpoint, on, node);
    if (match === "yes") return { kind: "endpoint", endpoint };
    if (match === "unknown") return { kind: "unknown" };
  }
  return { kind: "none" };
}

function endpointMatches(endpoint: Endpoint, on: Interface, node: WorldNode): "yes" | "no" | "unknown" {
  if (endpoint.interfaceName !== "") {
    if (on.name === undefined) return endpoint.interfaceName === "lo" ? "no" : "unknown";
    return endpoint.interfaceName === on.name ? "yes" : "no";
  }
  if (on.addresses === undefined) return endpoint.addresses.length === 0 ? "no" : "unknown";
  const addresses = on.addresses;
  if (endpoint.addresses.some((address) => includes(addresses, address))) return "yes";
  const complete = node.facts.interfacesKnown || on.name === "lo";
  return complete || endpoint.addresses.every((address) => includes(node.facts.addresses, address))
    ? "no"
    : "unknown";
}
