import type { Node } from "../../model/node.ts";
import { parseAddress, type Address } from "../../address/parse-address.ts";

/** One address for each family: its instance's primary one, else the first InternalIP: the one that others reach the node by. */
export function addressesOfNode(node: Node): readonly Address[] {
  const listed = ["InternalIP", "ExternalIP"].flatMap((type) =>
    node.addresses.flatMap((it) => (it.type === type ? [it.address] : [])),
  );
  const all = [...(node.primaryAddresses ?? []), ...listed].flatMap((it) => parseAddress(it) ?? []);
  return ([4, 6] as const).flatMap((family) => all.find((it) => it.family === family) ?? []);
}
