import { bgpAddresses, calicoInterfaces, tunnelAddresses } from "../address/calico-addresses.ts";
import { formatAddress, parseAddress, type Address } from "../address/parse-address.ts";
import type { AddressSource, EndpointTemplate } from "../config/endpoint-template.ts";
import type { Node } from "../model/node.ts";
import type { IsOthers } from "./addresses.ts";

const CLAIMED: readonly AddressSource[] = ["Bgp", "Tunnel", "Interfaces"];

/**
 * Whose an address is that nodes claim in annotations, which they write themselves: the node's whose status lists it, else the
 * oldest one's that claims it (docs/safety.md, "Whose word counts"). Nothing is looked at where no entry asks for such addresses.
 */
export function addressOwners(
  nodes: readonly Node[],
  templates: readonly Pick<EndpointTemplate, "addresses" | "interfacePattern">[],
): IsOthers {
  if (!templates.some(readsClaims)) return () => false;
  const owners = new Map<string, string>();
  const claim = (address: Address, node: Node) => {
    const key = formatAddress(address);
    if (!owners.has(key)) owners.set(key, node.name);
  };
  for (const node of nodes) for (const address of listedBy(node)) claim(address, node);
  for (const node of [...nodes].sort(byAge))
    for (const address of [
      ...bgpAddresses(node),
      ...tunnelAddresses(node),
      ...(calicoInterfaces(node) ?? []).flatMap((it) => it.addresses),
    ])
      claim(address, node);
  return (node, address) => {
    const owner = owners.get(formatAddress(address));
    return owner !== undefined && owner !== node.name;
  };
}

function readsClaims({
  addresses,
  interfacePattern,
}: Pick<EndpointTemplate, "addresses" | "interfacePattern">): boolean {
  return interfacePattern !== undefined || addresses.some((it) => CLAIMED.includes(it));
}

function listedBy({ addresses, primaryAddresses = [] }: Node): readonly Address[] {
  const listed = addresses.flatMap((it) =>
    it.type === "InternalIP" || it.type === "ExternalIP" ? [it.address] : [],
  );
  return [...primaryAddresses, ...listed].flatMap((it) => parseAddress(it) ?? []);
}

function byAge(a: Node, b: Node): number {
  const [ageOfA, ageOfB] = [a, b].map((it) => `${it.createdAt ?? "~"} ${it.uid} ${it.name}`);
  return (ageOfA ?? "") < (ageOfB ?? "") ? -1 : 1;
}
