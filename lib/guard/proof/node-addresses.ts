import type { Node } from "../../model/node.ts";
import { parseAddress, type Address } from "../../policy/address/parse-address.ts";

/** One address for each family: the first InternalIP, which is the one that others reach the node by. */
export function addressesOfNode(node: Node): readonly Address[] {
  const all = ["InternalIP", "ExternalIP"].flatMap((type) =>
    node.addresses.flatMap((it) => (it.type === type ? (parseAddress(it.address) ?? []) : [])),
  );
  return ([4, 6] as const).flatMap((family) => all.find((it) => it.family === family) ?? []);
}
