/**
 * Which addresses of a Node belong into `expectedIPs`.
 *
 * On EC2 the Node's InternalIPs cannot be copied blindly: without `--node-ip` the cloud provider lists every address of
 * every network interface, pod addresses of the VPC CNI included (docs/aws.md 5). There the primary address decides:
 * what the kubelet was told, else what EC2 says (asked only where it is open), else what the node name spells, else the first
 * one listed.
 */
import ipaddr from "ipaddr.js";
import { PROVIDED_NODE_IP, type Node } from "../model/node.ts";

export type AddressChoice = {
  readonly types: readonly string[];
  /** Keep only addresses inside one of these; empty keeps all. */
  readonly cidrs: readonly string[];
};

/** `text` is canonical. */
type Address = { readonly family: "ipv4" | "ipv6"; readonly text: string };

/** Canonical, sorted, without duplicates; garbage is left out. */
export function expectedIPsOf(node: Node, choice: AddressChoice): readonly string[] {
  const internal = choice.types.includes("InternalIP") ? internalAddresses(node) : [];
  const external = choice.types.includes("ExternalIP") ? listed(node, "ExternalIP") : [];
  const networks = choice.cidrs.map((it) => ipaddr.parseCIDR(it));
  const kept = [...internal, ...external].filter((it) => networks.length === 0 || isInside(it, networks));
  return [...new Set(kept.map((it) => it.text))].sort();
}

function internalAddresses(node: Node): readonly Address[] {
  const all = listed(node, "InternalIP");
  if (node.providerId?.startsWith("aws://") !== true) return all;
  const told = (node.annotations[PROVIDED_NODE_IP] ?? "").split(",").flatMap((it) => parse(it.trim()));
  const known = [...(node.primaryAddresses ?? []).flatMap((it) => parse(it)), ...spelledByName(node.name)];
  return (["ipv4", "ipv6"] as const).flatMap((family) => {
    const ofFamily = all.filter((it) => it.family === family);
    // A node of an IPv6 cluster has an IPv4 address and name and uses no IPv4: these count only where the Node lists the family.
    const candidates = [...told.filter(isSpecified), ...(ofFamily.length === 0 ? [] : known), ...ofFamily];
    const primary = candidates.find((it) => it.family === family);
    return primary === undefined ? [] : [primary];
  });
}

function listed(node: Node, type: string): readonly Address[] {
  return node.addresses.filter((it) => it.type === type).flatMap((it) => parse(it.address));
}

/** `ip-10-0-1-5.eu-west-1.compute.internal` is the primary private address of its instance. */
function spelledByName(name: string): readonly Address[] {
  const match = /^ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(\.|$)/.exec(name);
  return match === null ? [] : parse(match.slice(1, 5).join("."));
}

/** `0.0.0.0` and `::` as node address only order the families. */
function isSpecified({ text }: Address): boolean {
  return text !== "0.0.0.0" && text !== "::";
}

function isInside({ text }: Address, networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][]): boolean {
  const address = ipaddr.parse(text);
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

const byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const plainIPv4 = new RegExp(`^${byte}(?:\\.${byte}){3}$`);

/**
 * Plain addresses only: no CIDR, no zone, no short forms of IPv4. IPv4-mapped IPv6 becomes IPv4, as Felix reads it.
 * Nearly all addresses of a large fleet are plain IPv4, which is canonical as it stands; the library takes 20 times as long.
 */
function parse(text: string): readonly Address[] {
  if (plainIPv4.test(text)) return [{ family: "ipv4", text }];
  if (text.includes("%") || !ipaddr.IPv6.isValid(text)) return [];
  const address = ipaddr.process(text);
  return [{ family: address.kind(), text: address.toString() }];
}
