/**
 * Which addresses of a Node belong into `expectedIPs`: of its own ones (lib/address/own-addresses.ts) those that the template
 * wants. What is no node's (loopback, link-local, metadata, multicast) is never written (docs/safety.md, "Whose word counts").
 */
import { ownAddresses } from "../address/own-addresses.ts";
import { formatAddress, networkContains, parseCidr } from "../address/parse-address.ts";
import type { Node } from "../model/node.ts";

export type AddressChoice = {
  readonly types: readonly string[];
  /** Keep only addresses inside one of these; empty keeps all. */
  readonly cidrs: readonly string[];
};

/** Canonical, sorted, without duplicates; garbage is left out. The order of the Node's list changes nothing. */
export function expectedIPsOf(node: Node, choice: AddressChoice): readonly string[] {
  const networks = choice.cidrs.flatMap((it) => parseCidr(it) ?? []);
  const kept = (["InternalIP", "ExternalIP"] as const)
    .flatMap((it) => (choice.types.includes(it) ? ownAddresses(node, it) : []))
    .filter(
      ({ address }) =>
        choice.cidrs.length === 0 || networks.some((network) => networkContains(network, address)),
    );
  return [...new Set(kept.map((it) => formatAddress(it.address)))].sort();
}

/** Whether a template asks for public addresses, which EC2 must confirm. */
export function publicAddressesOf(
  templates: readonly { readonly addresses: readonly string[] }[],
): "wanted" | "unused" {
  return templates.some((it) => it.addresses.includes("ExternalIP")) ? "wanted" : "unused";
}
