import type { EssentialFlow } from "./essential-flow.ts";

/** The host to itself and to its own pods. A `*` endpoint polices `lo` too (docs/calico.md 8 and 9). */
export function localFlows(): readonly EssentialFlow[] {
  const loopback: EssentialFlow["peers"] = [{ kind: "every", nets: ["127.0.0.1", "::1"] }];
  const local = { direction: "local", protocol: "tcp", peers: loopback } as const;
  const resolver = {
    direction: "local",
    port: 53,
    peers: [{ kind: "every", nets: ["169.254.20.10"] }],
    weight: "service",
    reason: "where NodeLocal DNSCache runs, the host asks for names at this address of its own",
    source: "Kubernetes documentation, NodeLocal DNSCache",
  } as const;
  return [
    {
      ...local,
      id: "cni-daemon",
      port: 50_051,
      weight: "lockout",
      reason: "the VPC CNI plug-in asks ipamd here; without it no pod starts, Calico's own neither",
      source: "felix#2645 in docs/needs.md 0 item 2",
    },
    {
      ...local,
      id: "kubelet-health",
      port: 10_248,
      weight: "service",
      reason: "kubelet's own health check",
      source: "Kubernetes documentation, kubelet --healthz-port",
    },
    {
      ...local,
      id: "felix-health",
      port: 9_099,
      weight: "lockout",
      reason:
        "the probes of calico-node ask Felix here; when they fail, calico-node is restarted again and again",
      source: "Calico's manifests; docs/needs.md row 14",
    },
    {
      id: "own-address",
      direction: "local",
      protocol: "tcp",
      port: 10_256,
      peers: [{ kind: "self" }],
      weight: "service",
      reason: "kubelet probes host-network pods (kube-proxy, aws-node) at the node's own address",
      source: "docs/needs.md row 14 (cal#4478)",
    },
    { ...resolver, id: "node-local-dns-udp", protocol: "udp" },
    { ...resolver, id: "node-local-dns-tcp", protocol: "tcp" },
    {
      id: "own-pods",
      direction: "own-pod",
      protocol: "tcp",
      port: 8_080,
      peers: [{ kind: "one-of", nets: ["192.0.2.1", "2001:db8::1"] }],
      weight: "service",
      reason: "kubelet's probes of the pods on its node",
      source: "CALICO 9 step 12",
    },
  ];
}
