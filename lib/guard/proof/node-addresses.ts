import { NOTHING_RESERVED, whyForbidden } from "../../address/forbidden-address.ts";
import { compareAddresses, formatAddress, parseAddress, type Address } from "../../address/parse-address.ts";
import type { Node } from "../../model/node.ts";

/** No node has more; a proof for more is not made, and the node is withheld (rules/too-many-addresses.ts). */
export const MOST_PROVEN = 256;

/**
 * Every address that the node may send from or be reached by, whatever its status lists first: the proof is made for each, and
 * the worst counts. Ascending, IPv4 first; what is no node's (loopback, metadata, ...) is left out.
 */
export function addressesOfNode(node: Node): readonly Address[] {
  const listed = node.addresses.flatMap((it) =>
    it.type === "InternalIP" || it.type === "ExternalIP" ? [it.address] : [],
  );
  const own = [...(node.primaryAddresses ?? []), ...listed]
    .flatMap((it) => parseAddress(it) ?? [])
    .filter((it) => whyForbidden(it, NOTHING_RESERVED) === undefined);
  const distinct = new Map(own.map((it) => [formatAddress(it), it]));
  return [...distinct.values()].sort(compareAddresses).slice(0, MOST_PROVEN);
}
