import { PROVIDED_NODE_IP, type Node } from "../model/node.ts";
import { parseAddress, type Address } from "./parse-address.ts";

/**
 * What a node says of its own address beside its status: what its kubelet was told, then what its name spells. The node writes
 * both itself, so they choose among addresses and add none.
 */
export function claimedAddresses(node: Pick<Node, "annotations" | "name">): readonly Address[] {
  return [...toldAddresses(node), ...spelledAddresses(node)];
}

/** What the kubelet was told with `--node-ip`; `0.0.0.0` and `::` there only order the families. */
export function toldAddresses({ annotations }: Pick<Node, "annotations">): readonly Address[] {
  // Kubernetes knows one address for each family; whatever follows is noise.
  return (annotations[PROVIDED_NODE_IP] ?? "")
    .split(",", 8)
    .flatMap((it) => parseAddress(it.trim()) ?? [])
    .filter((it) => Number(it.value) !== 0);
}

/** `ip-10-0-1-5.eu-west-1.compute.internal` is the primary private address that its instance had. */
export function spelledAddresses({ name }: Pick<Node, "name">): readonly Address[] {
  const match = /^ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})(\.|$)/.exec(name);
  return match === null ? [] : [parseAddress(match.slice(1, 5).join(".")) ?? []].flat();
}
