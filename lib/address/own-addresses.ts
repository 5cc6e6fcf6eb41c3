/**
 * Which of a Node's addresses are its own, and why: the one judge, for endpoints, proofs and findings.
 *
 * In: a Node as the snapshot settled it. Out: addresses of a type, with whose word chose them. Must never happen: an address that
 * only the node's name or annotations know.
 */
import { MOST_OF_A_KIND, type Node } from "../model/node.ts";
import { claimedAddresses, spelledAddresses, toldAddresses } from "./claimed-addresses.ts";
import { NOTHING_RESERVED, publicity, whyForbidden } from "./forbidden-address.ts";
import { compareAddresses, parseAddress, type Address } from "./parse-address.ts";

/** Whose word chose the address; it completes "taken because ...". */
export type Chosen =
  | "it is the only one"
  | "all of the kind are taken"
  | "EC2 says so, or its endpoint has it"
  | "its kubelet was told so"
  | "its name spells it"
  | "it is the most private one";

export type OwnAddress = { readonly address: Address; readonly because: Chosen };

/** Ascending, at most sixteen; on EC2 one InternalIP of each family (docs/aws.md 5). The order of the Node's list changes nothing. */
export function ownAddresses(node: Node, type: "InternalIP" | "ExternalIP"): readonly OwnAddress[] {
  const all = listed(node, type);
  if (type === "ExternalIP" || node.providerId?.startsWith("aws://") !== true)
    return all.slice(0, MOST_OF_A_KIND).map((address) => ({ address, because: "all of the kind are taken" }));
  const known = (node.primaryAddresses ?? []).flatMap(parse);
  const told = toldAddresses(node);
  const [only] = all;
  // Nearly every node: one address, and nobody says anything else.
  if (only !== undefined && all.length === 1 && known.length === 0)
    return [{ address: only, because: reasonFor(only, told, node, "it is the only one") }];
  return ([4, 6] as const).flatMap((family): readonly OwnAddress[] => {
    const ofFamily = all.filter((it) => it.family === family);
    // A node of an IPv6 cluster has an IPv4 address and name and uses no IPv4: a family counts only where the Node lists it.
    if (ofFamily.length === 0) return [];
    const believed = [...known, ...ofFamily];
    const claimed = claimedAddresses(node).filter((it) => has(believed, it));
    const others = [...ofFamily].sort((a, b) => publicity(a) - publicity(b));
    const candidates: readonly OwnAddress[] = [
      ...known.map((address) => ({ address, because: "EC2 says so, or its endpoint has it" }) as const),
      ...claimed.map(
        (address) =>
          ({
            address,
            because: reasonFor(address, told, node, "its name spells it"),
          }) as const,
      ),
      ...others.map(
        (address) =>
          ({
            address,
            because: ofFamily.length === 1 ? "it is the only one" : "it is the most private one",
          }) as const,
      ),
    ];
    return candidates.filter((it) => it.address.family === family).slice(0, 1);
  });
}

function reasonFor(address: Address, told: readonly Address[], node: Node, otherwise: Chosen): Chosen {
  if (has(told, address)) return "its kubelet was told so";
  return has(spelledAddresses(node), address) ? "its name spells it" : otherwise;
}

/** Ascending, without what is no node's. */
function listed(node: Node, type: string): readonly Address[] {
  const found: Address[] = [];
  for (const it of node.addresses) if (it.type === type) found.push(...parse(it.address));
  return found.length < 2 ? found : found.sort(compareAddresses);
}

function has(addresses: readonly Address[], address: Address): boolean {
  return addresses.some((it) => it.family === address.family && it.value === address.value);
}

/** Plain addresses only, and none that is no node's. IPv4-mapped IPv6 becomes IPv4, as Felix reads it. */
function parse(text: string): readonly Address[] {
  const address = parseAddress(text);
  return address === undefined || whyForbidden(address, NOTHING_RESERVED) !== undefined ? [] : [address];
}
