import { NOTHING_RESERVED, whyForbidden } from "../../address/forbidden-address.ts";
import { compareAddresses, formatAddress, parseAddress, type Address } from "../../address/parse-address.ts";
import { MOST_OF_A_KIND } from "../../model/node.ts";
import type { Node } from "../../model/node.ts";

/**
 * Every address that the node may send from or be reached by, whatever its status lists first: the proof is made for each, and
 * the worst counts. Ascending, IPv4 first; what is no node's (loopback, metadata, ...) is left out, and so is what is behind
 * the first sixteen of a family, of which no endpoint is written either.
 */
export function addressesOfNode(node: Node): readonly Address[] {
  const listed = node.addresses.flatMap((it) =>
    it.type === "InternalIP" || it.type === "ExternalIP" ? [it.address] : [],
  );
  const own = [...(node.primaryAddresses ?? []), ...listed]
    .flatMap((it) => parseAddress(it) ?? [])
    .filter((it) => whyForbidden(it, NOTHING_RESERVED) === undefined);
  const distinct = [...new Map(own.map((it) => [formatAddress(it), it])).values()].sort(compareAddresses);
  return ([4, 6] as const).flatMap((family) =>
    distinct.filter((it) => it.family === family).slice(0, MOST_OF_A_KIND),
  );
}
