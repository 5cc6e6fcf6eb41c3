/**
 * Addresses that a Node lists and that are not its own: no node's at all, the API servers', the Services', or, on EC2, public
 * ones that EC2 does not confirm.
 *
 * In: nodes, and what is known beside their own word. Out: the same nodes without these; they say so (`refused`).
 * Must never happen: a node that serves the API itself and loses its own address for it.
 */
import { isControlPlane, type Node, type NodeAddress, type RefusedAddress } from "../model/node.ts";
import { whyForbidden, type Reserved } from "./forbidden-address.ts";
import { formatAddress, parseAddress } from "./parse-address.ts";

export type RefusalEvidence = {
  readonly reserved: Reserved;
  /** Whether any endpoint is to have public addresses; else nobody was asked about them. */
  readonly publicAddresses: "wanted" | "unused";
  /** `hosted`: nobody but the provider serves the API (EKS was asked); else a node may. */
  readonly controlPlane: "hosted" | "unknown";
  /** What EC2 says of the node's instance having the address (canonical); undefined where it was not asked. */
  readonly confirmed: (node: Node, address: string) => boolean | undefined;
  /** True when the endpoint of this very machine has the address already. */
  readonly kept: (node: Node, address: string) => boolean;
};

export function withoutRefused(nodes: readonly Node[], evidence: RefusalEvidence): readonly Node[] {
  let changed = false;
  const all = nodes.map((node) => {
    const refused = node.addresses.flatMap((it) => whyRefused(node, it, evidence) ?? []);
    if (refused.length === 0) return node;
    changed = true;
    return withoutAddresses(node, refused);
  });
  return changed ? all : nodes;
}

/** The node without these addresses, however it spells them. */
export function withoutAddresses(node: Node, refused: readonly RefusedAddress[]): Node {
  const foreign = new Set(refused.map((it) => `${it.type} ${it.address}`));
  return {
    ...node,
    addresses: node.addresses.filter(
      ({ type, address }) => !isClaim(type) || !foreign.has(`${type} ${canonical(address)}`),
    ),
    refused,
  };
}

function whyRefused(
  node: Node,
  { type, address: text }: NodeAddress,
  evidence: RefusalEvidence,
): RefusedAddress | undefined {
  if (!isClaim(type)) return undefined;
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const forbidden = whyForbidden(address, evidence.reserved);
  if (forbidden === "the API server's") {
    const spelled = formatAddress(address);
    if (evidence.confirmed(node, spelled) === true || mayServe(node, type, address.family, evidence))
      return undefined;
    return { type, address: spelled, because: forbidden };
  }
  if (forbidden !== undefined) return { type, address: formatAddress(address), because: forbidden };
  if (type !== "ExternalIP" || evidence.publicAddresses === "unused") return undefined;
  if (node.providerId?.startsWith("aws://") !== true) return undefined;
  const spelled = formatAddress(address);
  const word = evidence.confirmed(node, spelled);
  if (word === true || (word === undefined && evidence.kept(node, spelled))) return undefined;
  return { type, address: spelled, because: word === false ? "unknown to EC2" : "not confirmed by EC2" };
}

/** Marked as one of the control plane, or without another address of the family: whoever serves the API has one of its own. */
function mayServe(node: Node, type: string, family: 4 | 6, { controlPlane }: RefusalEvidence): boolean {
  if (controlPlane === "hosted") return false;
  if (isControlPlane(node)) return true;
  if (type !== "InternalIP") return false;
  const own = node.addresses.flatMap((it) => (it.type === type ? (parseAddress(it.address) ?? []) : []));
  return own.filter((it) => it.family === family).length === 1;
}

function isClaim(type: string): boolean {
  return type === "InternalIP" || type === "ExternalIP";
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
