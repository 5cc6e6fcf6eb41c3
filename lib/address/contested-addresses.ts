/**
 * Addresses that several nodes list: each is one node's, and the others do not have it.
 *
 * In: nodes, and what is known of them beside their own word. Out: the same nodes; those that listed what is another's list it no
 * more, and say so (`contested`). Must never happen: an honest node that loses its address to one that claims it later.
 */
import { compare } from "../model/ascending.ts";
import type { ContestedAddress, Node } from "../model/node.ts";
import { formatAddress, parseAddress } from "./parse-address.ts";

export type ClaimEvidence = {
  /** What EC2 says of the node's instance having the address (canonical); undefined where it was not asked. */
  readonly confirmed: (node: Node, address: string) => boolean | undefined;
  /** True when the endpoint of this very machine has the address already. */
  readonly kept: (node: Node, address: string) => boolean;
};

/** Names of nodes that list what another one lists, too. */
export function contestants(nodes: readonly Node[]): ReadonlySet<string> {
  return new Set([...sharedBy(nodes).values()].flat().map((it) => it.name));
}

export function withoutContested(nodes: readonly Node[], evidence: ClaimEvidence): readonly Node[] {
  const lost = new Map<string, ContestedAddress[]>();
  for (const [address, sharing] of sharedBy(nodes)) {
    const [owner, ...others] = [...sharing].sort((a, b) => byRight(a, b, address, evidence));
    for (const node of others)
      lost.set(node.name, [...(lost.get(node.name) ?? []), { address, owner: owner?.name ?? "" }]);
  }
  if (lost.size === 0) return nodes;
  return nodes.map((node) => {
    const contested = lost.get(node.name);
    return contested === undefined ? node : strip(node, contested);
  });
}

/** The node without the addresses that are another's. */
export function strip(node: Node, contested: readonly ContestedAddress[]): Node {
  const foreign = new Set(contested.map((it) => it.address));
  const { primaryAddresses } = node;
  return {
    ...node,
    addresses: node.addresses.filter((it) => !isClaim(it.type) || !foreign.has(canonical(it.address))),
    ...(primaryAddresses === undefined
      ? {}
      : { primaryAddresses: primaryAddresses.filter((it) => !foreign.has(canonical(it))) }),
    contested,
  };
}

/** By canonical address: those that at least two nodes list. */
function sharedBy(nodes: readonly Node[]): ReadonlyMap<string, readonly Node[]> {
  const first = new Map<string, Node>();
  const shared = new Map<string, Node[]>();
  for (const node of nodes)
    for (const { type, address: text } of node.addresses) {
      if (!isClaim(type)) continue;
      const address = canonical(text);
      const before = first.get(address);
      if (before === undefined) first.set(address, node);
      else if (before !== node) {
        const sharing = shared.get(address) ?? [before];
        if (!sharing.includes(node)) sharing.push(node);
        shared.set(address, sharing);
      }
    }
  return shared;
}

/** EC2's word first; then a machine that runs before one that does not; then who has it already, as its InternalIP, for longest. */
function byRight(a: Node, b: Node, address: string, evidence: ClaimEvidence): number {
  const rights = (it: Node): readonly (number | string)[] => [
    { true: 0, undefined: 1, false: 2 }[`${evidence.confirmed(it, address)}`],
    it.deleting || it.ready !== "True" ? 1 : 0,
    evidence.kept(it, address) ? 0 : 1,
    it.addresses.some((one) => one.type === "InternalIP" && canonical(one.address) === address) ? 0 : 1,
    it.createdAt ?? "~",
    it.uid,
    it.name,
  ];
  const [ofA, ofB] = [rights(a), rights(b)];
  const at = ofA.findIndex((it, index) => it !== ofB[index]);
  return at < 0 ? 0 : compare(ofA[at] ?? 0, ofB[at] ?? 0);
}

function isClaim(type: string): boolean {
  return type === "InternalIP" || type === "ExternalIP";
}

/** Nearly every address is plain IPv4, which is canonical as it stands. */
function canonical(text: string): string {
  if (!text.includes(":")) return text;
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
