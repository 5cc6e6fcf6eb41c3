/**
 * Which addresses of a Node belong into `expectedIPs`.
 *
 * Who is believed, in this order: EC2 about the instance (asked only where it is open); the Node's status. What the kubelet was
 * told and what the name spells only choose among addresses that one of these lists: they add none, for the node writes them
 * itself. What is no node's (loopback, link-local, metadata, multicast) is never written (docs/safety.md, "Whose word counts").
 *
 * On EC2 the Node's InternalIPs cannot be copied blindly: without `--node-ip` the cloud provider lists every address of
 * every network interface, pod addresses of the VPC CNI included (docs/aws.md 5). There one address of each family is taken, in
 * the end the most private one.
 */
import { claimedAddresses } from "../address/claimed-addresses.ts";
import { NOTHING_RESERVED, publicity, whyForbidden } from "../address/forbidden-address.ts";
import {
  compareAddresses,
  formatAddress,
  networkContains,
  parseAddress,
  parseCidr,
  type Address,
} from "../address/parse-address.ts";
import { MOST_OF_A_KIND, type Node } from "../model/node.ts";

export type AddressChoice = {
  readonly types: readonly string[];
  /** Keep only addresses inside one of these; empty keeps all. */
  readonly cidrs: readonly string[];
};

/** Canonical, sorted, without duplicates; garbage is left out. The order of the Node's list changes nothing. */
export function expectedIPsOf(node: Node, choice: AddressChoice): readonly string[] {
  const internal = choice.types.includes("InternalIP") ? internalAddresses(node) : [];
  const external = choice.types.includes("ExternalIP") ? listed(node, "ExternalIP") : [];
  const networks = choice.cidrs.flatMap((it) => parseCidr(it) ?? []);
  const kept = [internal, external]
    .flatMap((it) => it.slice(0, MOST_OF_A_KIND))
    .filter((it) => choice.cidrs.length === 0 || networks.some((network) => networkContains(network, it)));
  return [...new Set(kept.map(formatAddress))].sort();
}

function internalAddresses(node: Node): readonly Address[] {
  const all = listed(node, "InternalIP");
  if (node.providerId?.startsWith("aws://") !== true) return all;
  const known = (node.primaryAddresses ?? []).flatMap(parse);
  return ([4, 6] as const).flatMap((family) => {
    const ofFamily = all.filter((it) => it.family === family);
    // A node of an IPv6 cluster has an IPv4 address and name and uses no IPv4: a family counts only where the Node lists it.
    if (ofFamily.length === 0) return [];
    const believed = [...known, ...ofFamily];
    const chosen = [...known, ...claimedAddresses(node).filter((it) => has(believed, it))];
    const others = [...ofFamily].sort((a, b) => publicity(a) - publicity(b));
    return [...chosen, ...others].filter((it) => it.family === family).slice(0, 1);
  });
}

/** Ascending, without what is no node's. */
function listed(node: Node, type: string): readonly Address[] {
  return node.addresses
    .filter((it) => it.type === type)
    .flatMap((it) => parse(it.address))
    .sort(compareAddresses);
}

function has(addresses: readonly Address[], address: Address): boolean {
  return addresses.some((it) => it.family === address.family && it.value === address.value);
}

/** Plain addresses only, and none that is no node's. IPv4-mapped IPv6 becomes IPv4, as Felix reads it. */
function parse(text: string): readonly Address[] {
  const address = parseAddress(text);
  return address === undefined || whyForbidden(address, NOTHING_RESERVED) !== undefined ? [] : [address];
}
