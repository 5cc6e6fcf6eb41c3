import type { Surroundings } from "./detect-surroundings.ts";
import type { EssentialFlow, Peers } from "./essential-flow.ts";

/**
 * What nodes that serve the control plane themselves must let in. Without it every kubelet and every Felix of the cluster loses
 * the API server at once. Source: docs/providers.md 2 and 3.
 */
export function servingFlows({ serving, nodePods }: Surroundings): readonly EssentialFlow[] {
  const clients: readonly Peers[] = [
    { kind: "every-node" },
    ...(nodePods.length === 0 ? [] : [{ kind: "one-of", nets: nodePods } as const]),
  ];
  const inbound = { direction: "ingress", protocol: "tcp", weight: "lockout" } as const;
  return [
    ...serving.api.map(({ port, nodes }, index): EssentialFlow => ({
      ...inbound,
      id: index === 0 ? "api-server-in" : `api-server-in-${port}`,
      port,
      peers: clients,
      onNodes: new Set(nodes),
      reason: "the node serves the API: kubelets, Felix and pods of the whole cluster come in here",
      source: "docs/providers.md 2 (EndpointSlice default/kubernetes)",
    })),
    ...joinFlows(serving.rke2, "rke2-supervisor-in", 9_345, "agents join and keep their tunnel here"),
    ...joinFlows(
      serving.microk8s,
      "microk8s-agent-in",
      25_000,
      "the cluster agent of MicroK8s; nodes join here",
    ),
    ...betweenControlPlanes(serving.controlPlane, "etcd-client", 2_379, "API servers ask every etcd"),
    ...betweenControlPlanes(serving.controlPlane, "etcd-peer", 2_380, "etcd keeps its quorum here"),
    ...betweenControlPlanes(
      serving.controlPlane.filter((it) => serving.microk8s.includes(it.name)),
      "dqlite",
      19_001,
      "MicroK8s keeps its store here",
    ),
  ];
}

function joinFlows(
  nodes: readonly string[],
  id: string,
  port: number,
  reason: string,
): readonly EssentialFlow[] {
  if (nodes.length === 0) return [];
  return [
    {
      id,
      direction: "ingress",
      protocol: "tcp",
      port,
      peers: [{ kind: "every-node" }],
      onNodes: new Set(nodes),
      weight: "lockout",
      reason,
      source: "docs/providers.md 3",
    },
  ];
}

/** Where the others are not known, nothing is asked: Calico's own failsafes hold these ports open. */
function betweenControlPlanes(
  members: Surroundings["serving"]["controlPlane"],
  id: string,
  port: number,
  reason: string,
): readonly EssentialFlow[] {
  if (members.length < 2) return [];
  const peers: readonly Peers[] = [
    { kind: "every", nets: members.flatMap((it) => it.addresses), changing: true },
  ];
  const both = {
    protocol: "tcp",
    port,
    peers,
    onNodes: new Set(members.map((it) => it.name)),
    weight: "lockout",
    reason,
    source: "docs/providers.md 3",
  } as const;
  return [
    { ...both, id: `${id}-in`, direction: "ingress" },
    { ...both, id: `${id}-out`, direction: "egress" },
  ];
}
