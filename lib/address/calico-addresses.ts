/**
 * Addresses that calico-node writes on its Node as annotations: of BGP, of its tunnels, of every interface.
 *
 * In: a Node's annotations. Out: addresses, in the order in which Calico's automatic host endpoints list them. An annotation that
 * Calico's own validator refuses counts as absent. Source: docs/calico.md 16.
 */
import type { Node } from "../model/node.ts";
import { isJsonObject, stringsAt } from "../model/read-json.ts";
import { parseAddress, parseNetwork, type Address, type Family } from "./parse-address.ts";

type Annotated = Pick<Node, "annotations">;

/** `name` is empty where the annotation gives none. */
export type CalicoInterface = { readonly name: string; readonly addresses: readonly Address[] };

const BGP = [
  ["projectcalico.org/IPv4Address", 4],
  ["projectcalico.org/IPv6Address", 6],
] as const;
const TUNNELS = [
  ["projectcalico.org/IPv4IPIPTunnelAddr", 4],
  ["projectcalico.org/IPv4VXLANTunnelAddr", 4],
  ["projectcalico.org/IPv6VXLANTunnelAddr", 6],
  ["projectcalico.org/IPv4WireguardInterfaceAddr", 4],
  ["projectcalico.org/IPv6WireguardInterfaceAddr", 6],
] as const;
const INTERFACES = "projectcalico.org/Interfaces";

/** The annotation is written by the node itself: so many interfaces are looked at, and so much text. */
const MOST_INTERFACES = 256;
const LONGEST_ANNOTATION = 262_144;

/** Each an address or an address with the length of its network. */
export function bgpAddresses(node: Annotated): readonly Address[] {
  return BGP.flatMap(([key, family]) => {
    const text = node.annotations[key] ?? "";
    if (text.includes("/") && parseNetwork(text) === undefined) return [];
    return ofFamily(text.split("/", 1)[0] ?? "", family);
  });
}

/** Of IP-in-IP, VXLAN and WireGuard. */
export function tunnelAddresses(node: Annotated): readonly Address[] {
  return TUNNELS.flatMap(([key, family]) => ofFamily(node.annotations[key] ?? "", family));
}

/** Undefined when calico-node has not said: it does since Calico 3.31. */
export function calicoInterfaces(node: Annotated): readonly CalicoInterface[] | undefined {
  const text = node.annotations[INTERFACES];
  if (text === undefined || text.length > LONGEST_ANNOTATION) return undefined;
  return parseList(text)
    ?.slice(0, MOST_INTERFACES)
    .filter(isJsonObject)
    .map((it) => ({
      name: typeof it["name"] === "string" ? it["name"] : "",
      addresses: stringsAt(it, "addresses").flatMap((address) => parseAddress(address) ?? []),
    }));
}

function ofFamily(text: string, family: Family): readonly Address[] {
  const address = parseAddress(text);
  return address?.family === family ? [address] : [];
}

/** Undefined when the text is no JSON list. */
function parseList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
