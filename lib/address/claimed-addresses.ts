import { PROVIDED_NODE_IP, type Node } from "../model/node.ts";
import { parseAddress, type Address } from "./parse-address.ts";

const SPELLING = "ip-";
const NONE: readonly Address[] = [];

/**
 * What a node says of its own address beside its status: what its kubelet was told, then what its name spells. The node writes
 * both itself, so they choose among addresses and add none.
 */
export function claimedAddresses(node: Pick<Node, "annotations" | "name">): readonly Address[] {
  const [told, spelled] = [toldAddresses(node), spelledAddresses(node)];
  return told.length === 0 ? spelled : [...told, ...spelled];
}

/** What the kubelet was told with `--node-ip`; `0.0.0.0` and `::` there only order the families. */
export function toldAddresses({ annotations }: Pick<Node, "annotations">): readonly Address[] {
  const told = annotations[PROVIDED_NODE_IP];
  if (told === undefined || told === "") return NONE;
  // Kubernetes knows one address for each family; whatever follows is noise.
  return told
    .split(",", 8)
    .flatMap((it) => parseAddress(it.trim()) ?? [])
    .filter((it) => Number(it.value) !== 0);
}

/** True when the name spells exactly this canonical address. Reads nothing and keeps nothing: it is asked of every node in every run. */
export function spells({ name }: Pick<Node, "name">, address: string): boolean {
  const end = SPELLING.length + address.length;
  if (!name.startsWith(SPELLING) || (name.length > end && name[end] !== ".")) return false;
  for (let index = 0; index < address.length; index++)
    if (name[SPELLING.length + index] !== (address[index] === "." ? "-" : address[index])) return false;
  return true;
}

/** `ip-10-0-1-5.eu-west-1.compute.internal` is the primary private address that its instance had. */
export function spelledAddresses({ name }: Pick<Node, "name">): readonly Address[] {
  if (!name.startsWith(SPELLING)) return NONE;
  const end = name.indexOf(".");
  const address = parseAddress(name.slice(SPELLING.length, end < 0 ? name.length : end).replaceAll("-", "."));
  return address?.family === 4 ? [address] : NONE;
}
