/**
 * Which addresses of a Node belong into `expectedIPs`: of its own ones (lib/address/own-addresses.ts) those that the template
 * wants. What is no node's (loopback, link-local, metadata, multicast) is never written (docs/safety.md, "Whose word counts").
 *
 * `Bgp`, `Tunnel` and `Interfaces` are what calico-node wrote on the Node, as Calico's automatic host endpoints list it: somebody
 * asks for them in the settings. Even then a node gets no address that another one has.
 */
import { bgpAddresses, calicoInterfaces, tunnelAddresses } from "../address/calico-addresses.ts";
import { NOTHING_RESERVED, whyForbidden } from "../address/forbidden-address.ts";
import { ownAddresses } from "../address/own-addresses.ts";
import { formatAddress, networkContains, parseCidr, type Address } from "../address/parse-address.ts";
import { ADDRESS_SOURCES, type AddressSource } from "../config/endpoint-template.ts";
import type { Node } from "../model/node.ts";

/** Felix makes rules of each; a machine has fewer interfaces. */
const MOST_OF_INTERFACES = 64;

export type AddressChoice = {
  readonly types: readonly string[];
  /** Keep only addresses inside one of these; empty keeps all. */
  readonly cidrs: readonly string[];
  /** Of an endpoint for one interface: what it lists whatever the CIDRs say. */
  readonly own?: readonly Address[];
  /** Whose an address is that a node only claims; absent: nobody else's. */
  readonly isOthers?: IsOthers;
};
export type IsOthers = (node: Node, address: Address) => boolean;

export type ChosenAddresses = {
  /** Canonical, sorted, without duplicates; garbage is left out. The order of the Node's list changes nothing. */
  readonly addresses: readonly string[];
  /** The node has addresses, but none inside the CIDRs: a decision, where no address at all may come yet. */
  readonly outside: boolean;
};

export function chooseAddresses(node: Node, choice: AddressChoice): ChosenAddresses {
  const found = ADDRESS_SOURCES.filter((it) => choice.types.includes(it)).flatMap((source) =>
    addressesFrom(source, node, choice),
  );
  const networks = choice.cidrs.flatMap((it) => parseCidr(it) ?? []);
  const inside = found.filter(
    (it) => choice.cidrs.length === 0 || networks.some((network) => networkContains(network, it)),
  );
  const kept =
    choice.own === undefined
      ? inside
      : [...(choice.cidrs.length === 0 ? [] : inside), ...allowed(choice.own, node, choice)];
  return {
    addresses: [...new Set(kept.map(formatAddress))].sort(),
    outside: found.length > 0 && kept.length === 0,
  };
}

/** Every address that a node may have by one source, bounded. */
function addressesFrom(source: AddressSource, node: Node, choice: AddressChoice): readonly Address[] {
  switch (source) {
    case "InternalIP":
    case "ExternalIP":
      return ownAddresses(node, source).map((it) => it.address);
    case "Bgp":
      return allowed(bgpAddresses(node), node, choice);
    case "Tunnel":
      return allowed(tunnelAddresses(node), node, choice);
    case "Interfaces":
      return allowed(
        (calicoInterfaces(node) ?? []).flatMap((it) => it.addresses),
        node,
        choice,
      ).slice(0, MOST_OF_INTERFACES);
  }
}

/** What a node claims in an annotation: never what is no node's, or another one's. */
function allowed(claimed: readonly Address[], node: Node, { isOthers }: AddressChoice): readonly Address[] {
  return claimed.filter(
    (it) => whyForbidden(it, NOTHING_RESERVED) === undefined && isOthers?.(node, it) !== true,
  );
}

/** Whether a template asks for public addresses, which EC2 must confirm. */
export function publicAddressesOf(
  templates: readonly { readonly addresses: readonly string[] }[],
): "wanted" | "unused" {
  return templates.some((it) => it.addresses.includes("ExternalIP")) ? "wanted" : "unused";
}
