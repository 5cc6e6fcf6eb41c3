import type { Settings } from "../../config/settings.ts";
import type { Node } from "../../model/node.ts";
import { providersOf, type Provider } from "../../model/provider.ts";

/** Names of the nodes for which the flows of each provider count. */
export type NodesByProvider = Readonly<Record<Provider, readonly string[]>>;

const NOBODY: NodesByProvider = {
  eks: [],
  aks: [],
  gke: [],
  rke2: [],
  k3s: [],
  microk8s: [],
  kind: [],
  openshift: [],
  talos: [],
  kubeadm: [],
};

/**
 * `auto`: a node counts for every provider whose sign it bears, so a forged sign adds flows to the node that bears it and to no
 * other. Otherwise a person has said whose cluster it is: all nodes are that provider's, and nobody else's.
 */
export function nodesByProvider(nodes: readonly Node[], provider: Settings["provider"]): NodesByProvider {
  if (provider === "generic") return NOBODY;
  if (provider !== "auto") return { ...NOBODY, [provider]: nodes.map((it) => it.name) };
  const found: Record<Provider, string[]> = structuredClone(NOBODY) as Record<Provider, string[]>;
  for (const node of nodes) for (const it of providersOf(node)) found[it].push(node.name);
  return found;
}
