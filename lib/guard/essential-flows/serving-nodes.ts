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

export type ServingNodes = {
  /** Names of the nodes that serve the API, by port. Ascending. */
  readonly api: readonly { readonly port: number; readonly nodes: readonly string[] }[];
  /** Nodes that are marked as the control plane's, with their InternalIPs. */
  readonly controlPlane: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  /** Names of those that show RKE2's signs, and MicroK8s's. */
  readonly rke2: readonly string[];
  readonly microk8s: readonly string[];
};

/** kubeadm's, RKE2's and k3s's; used where the API servers do not say their own. */
const USUAL_API_PORT = 6_443;
const MICROK8S_API_PORT = 16_443;

export function servingNodes(
  nodes: readonly Node[],
  servers: readonly ApiServer[] | undefined,
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
  for (const node of marked)
    if (!named.has(node.name)) add(isMicrok8s(node) ? MICROK8S_API_PORT : USUAL_API_PORT, node.name);
  return {
    api: [...ports].sort(([a], [b]) => a - b).map(([port, names]) => ({ port, nodes: [...names].sort() })),
    controlPlane: marked.map((it) => ({ name: it.name, addresses: internalOf(it) })),
    rke2: marked.filter(isRke2).map((it) => it.name),
    microk8s: marked.filter(isMicrok8s).map((it) => it.name),
  };
}

function isRke2({ labels, providerId }: Node): boolean {
  return providerId?.startsWith("rke2://") === true || labels["node.kubernetes.io/instance-type"] === "rke2";
}

function isMicrok8s({ labels }: Node): boolean {
  return (
    labels["microk8s.io/cluster"] !== undefined ||
    labels["node.kubernetes.io/microk8s-controlplane"] !== undefined
  );
}

function internalOf({ addresses }: Node): readonly string[] {
  return addresses.flatMap((it) => (it.type === "InternalIP" ? [canonical(it.address)] : []));
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
