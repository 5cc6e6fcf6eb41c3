/**
 * Which nodes serve the control plane themselves. On EKS none does, and elsewhere somebody must.
 *
 * In: what the API servers say of themselves, the Nodes. Out: nodes by what they serve. Must never happen: a sign that takes a
 * flow away. A kubelet may forge most of its labels, so they add flows to its own node and to no other.
 * Source: docs/providers.md 2, 3 and 4.
 */
import { formatAddress, parseAddress } from "../../address/parse-address.ts";
import type { ApiServer } from "../../model/network-facts.ts";
import { isControlPlane, type Node } from "../../model/node.ts";
import type { NodesByProvider } from "./nodes-by-provider.ts";

export type ServingNodes = {
  /** Names of the nodes that serve the API, by port. Ascending. */
  readonly api: readonly { readonly port: number; readonly nodes: readonly string[] }[];
  /** Nodes that are marked as the control plane's, with their InternalIPs. */
  readonly controlPlane: readonly Member[];
  /** These, and those that serve the API without a mark. */
  readonly servers: readonly Member[];
  /** Names of those of them that are RKE2's, and MicroK8s's. */
  readonly rke2: readonly string[];
  readonly microk8s: readonly string[];
};

type Member = { readonly name: string; readonly addresses: readonly string[] };

/** kubeadm's, RKE2's and k3s's; used where the API servers do not say their own. */
const USUAL_API_PORT = 6_443;
const MICROK8S_API_PORT = 16_443;

export function servingNodes(
  nodes: readonly Node[],
  servers: readonly ApiServer[] | undefined,
  providers: NodesByProvider,
): ServingNodes {
  const marked = nodes.filter(isControlPlane);
  const ports = new Map<number, Set<string>>();
  const add = (port: number, name: string) => ports.set(port, (ports.get(port) ?? new Set()).add(name));
  const byAddress = new Map(
    nodes.flatMap((it) => internalOf(it).map((address) => [address, it.name] as const)),
  );
  for (const { address, port } of servers ?? []) {
    const name = byAddress.get(canonical(address));
    if (name !== undefined) add(port, name);
  }
  // A node that is marked and that no API server's address names may serve behind another address: it keeps the usual port.
  const named = new Set([...ports.values()].flatMap((it) => [...it]));
  const [rke2, microk8s] = [new Set(providers.rke2), new Set(providers.microk8s)];
  for (const node of marked)
    if (!named.has(node.name)) add(microk8s.has(node.name) ? MICROK8S_API_PORT : USUAL_API_PORT, node.name);
  const members = nodes.filter((it) => named.has(it.name) || isControlPlane(it));
  const member = (it: Node): Member => ({ name: it.name, addresses: internalOf(it) });
  return {
    api: [...ports].sort(([a], [b]) => a - b).map(([port, names]) => ({ port, nodes: [...names].sort() })),
    controlPlane: marked.map(member),
    servers: members.map(member),
    rke2: members.map((it) => it.name).filter((it) => rke2.has(it)),
    microk8s: members.map((it) => it.name).filter((it) => microk8s.has(it)),
  };
}

function internalOf({ addresses }: Node): readonly string[] {
  return addresses.flatMap((it) => (it.type === "InternalIP" ? [canonical(it.address)] : []));
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
