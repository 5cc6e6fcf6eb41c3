import type { Surroundings } from "./detect-surroundings.ts";
import type { EssentialFlow, Peers } from "./essential-flow.ts";

/**
 * What the installer or the provider of a cluster needs beside its API server and its platform. Source: docs/providers.md 3. What
 * is marked [?] there, and has no address or port of its own (front ends, load balancers' probes), is not here: README says so.
 */
export function providerFlows(around: Surroundings): readonly EssentialFlow[] {
  const { providers, serving, controlPlane } = around;
  const servers = addressesOf(serving.servers);
  return [
    ...out("rke2-supervisor-out", 9_345, providers.rke2, servers, "agents join and keep their tunnel here"),
    ...out(
      "microk8s-agent-out",
      25_000,
      providers.microk8s,
      servers,
      "the cluster agent of MicroK8s; nodes join here",
    ),
    ...into(
      "openshift-machine-config-in",
      22_623,
      serving.servers.map((it) => it.name).filter((it) => providers.openshift.includes(it)),
      [{ kind: "every-node" }],
      "nodes get their configuration here",
    ),
    ...out(
      "openshift-machine-config-out",
      22_623,
      providers.openshift,
      servers,
      "nodes get their configuration here",
    ),
    ...into(
      "talos-api-in",
      50_000,
      providers.talos,
      servers.length === 0 ? [] : [{ kind: "every", nets: servers, changing: true }],
      "talosctl is the only way in: there is no SSH, and control-plane nodes pass its requests on",
    ),
    ...into(
      "talos-trustd-in",
      50_001,
      serving.servers.map((it) => it.name).filter((it) => providers.talos.includes(it)),
      [{ kind: "every-node" }],
      "workers get their certificates here",
    ),
    ...only(providers.talos, {
      id: "talos-kubeprism",
      direction: "local",
      protocol: "tcp",
      port: 7_445,
      peers: [{ kind: "every", nets: ["127.0.0.1"] }],
      weight: "lockout",
      reason: "kubelet and Felix reach the API server through KubePrism here",
      source: "docs/providers.md 3",
    }),
    ...out(
      "gke-konnectivity",
      8_132,
      providers.gke,
      controlPlane,
      "konnectivity agents keep the control plane's way to kubelets and webhooks open",
      "service",
    ),
    ...only(providers.aks, {
      id: "azure-dhcp-answer",
      direction: "ingress",
      protocol: "udp",
      port: 68,
      peers: [{ kind: "every", nets: ["168.63.129.16"] }],
      weight: "lockout",
      reason: "Azure's DHCP answers come from its platform address",
      source: "docs/providers.md 3",
    }),
  ];
}

function out(
  id: string,
  port: number,
  nodes: readonly string[],
  nets: readonly string[],
  reason: string,
  weight: EssentialFlow["weight"] = "lockout",
): readonly EssentialFlow[] {
  if (nets.length === 0) return [];
  return only(nodes, {
    id,
    direction: "egress",
    protocol: "tcp",
    port,
    peers: [{ kind: "every", nets, changing: true }],
    weight,
    reason,
    source: "docs/providers.md 3",
  });
}

function into(
  id: string,
  port: number,
  nodes: readonly string[],
  peers: readonly Peers[],
  reason: string,
): readonly EssentialFlow[] {
  if (peers.length === 0) return [];
  return only(nodes, {
    id,
    direction: "ingress",
    protocol: "tcp",
    port,
    peers,
    weight: "lockout",
    reason,
    source: "docs/providers.md 3",
  });
}

function only(nodes: readonly string[], flow: EssentialFlow): readonly EssentialFlow[] {
  return nodes.length === 0 ? [] : [{ ...flow, onNodes: new Set(nodes) }];
}

function addressesOf(members: Surroundings["serving"]["servers"]): readonly string[] {
  return [...new Set(members.flatMap((it) => it.addresses))];
}
