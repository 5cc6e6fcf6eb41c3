import { PROVIDED_NODE_IP, type Node } from "../model/node.ts";
import { parseAddress, type Address } from "./parse-address.ts";

/**
 * What a node says of its own address beside its status: what its kubelet was told (`0.0.0.0` and `::` there only order the
 * families), then what its name spells. Both are written by the node, so they choose among addresses and add none.
 */
export function claimedAddresses({
  annotations,
  name,
}: Pick<Node, "annotations" | "name">): readonly Address[] {
  // Kubernetes knows one address for each family; whatever follows is noise.
  const told = (annotations[PROVIDED_NODE_IP] ?? "")
    .split(",", 8)
    .flatMap((it) => parseAddress(it.trim()) ?? []);
  return [...told.filter((it) => Number(it.value) !== 0), ...spelledByName(name)];
}

/** `ip-10-0-1-5.eu-west-1.compute.internal` is the primary private address that its instance had. */
function spelledByName(name: string): readonly Address[] {
  const match = /^ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(\.|$)/.exec(name);
  return match === null ? [] : [parseAddress(match.slice(1, 5).join(".")) ?? []].flat();
}
