import type { EssentialFlow } from "./essential-flow.ts";
import type { Network } from "./detect-network.ts";

/**
 * What a node of an EKS cluster needs, as data. `docs/safety.md` shows the same list; a test holds the two together.
 * Sources: EKSNET = EKS user guide, "View Amazon EKS security group requirements" and "Restricting cluster traffic";
 * LINKLOCAL = EC2 user guide, "Link-local addresses"; CALICO n = calico-semantics, section n.
 */
export function builtInFlows(network: Network): readonly EssentialFlow[] {
  return [
    ...controlFlows(network),
    ...hostServiceFlows(network),
    ...localFlows(),
    ...calicoFlows(network),
    ...supportFlows(network),
    ...linkFlows(),
  ];
}

/** The cluster's own way to the node and back. */
function controlFlows(network: Network): readonly EssentialFlow[] {
  return [
    {
      id: "api-server",
      direction: "egress",
      protocol: "tcp",
      port: 443,
      peers: [{ kind: network.apiServer.known ? "every" : "one-of", nets: network.apiServer.nets }],
      weight: "lockout",
      reason: "kubelet, Felix and the CNI reach the API server here; once it is cut, no write can reach the node any more",
      source: "EKSNET; user-needs 0 item 2: EKS serves on 443, Calico's failsafes know 6443 only",
    },
    {
      id: "kubelet",
      direction: "ingress",
      protocol: "tcp",
      port: 10_250,
      peers: [{ kind: "one-of", nets: network.vpc.nets }],
      weight: "service",
      reason: "the control plane asks the kubelet for logs, exec, port-forward and metrics; its network interfaces are in the VPC",
      source: "EKSNET",
    },
  ];
}

/** What the operating system of an EC2 instance lives on. */
function hostServiceFlows(network: Network): readonly EssentialFlow[] {
  const resolvers: EssentialFlow["peers"] = [
    { kind: "every", nets: ["169.254.169.253", "fd00:ec2::253"] },
    { kind: "one-of", nets: network.vpc.nets },
  ];
  const dns = { direction: "egress", port: 53, peers: resolvers, weight: "lockout", source: "EKSNET; LINKLOCAL" } as const;
  return [
    { ...dns, id: "dns-udp", protocol: "udp", reason: "without names the node finds neither the API server nor AWS" },
    { ...dns, id: "dns-tcp", protocol: "tcp", reason: "answers that do not fit into UDP come over TCP; no failsafe of Calico's covers it" },
    {
      id: "instance-metadata",
      direction: "egress",
      protocol: "tcp",
      port: 80,
      peers: [{ kind: "every", nets: ["169.254.169.254", "fd00:ec2::254"] }],
      weight: "lockout",
      reason: "kubelet's token for the API server is signed with credentials from here, and they expire within hours",
      source: "LINKLOCAL; user-needs 0 item 2",
    },
    {
      id: "time",
      direction: "egress",
      protocol: "udp",
      port: 123,
      peers: [{ kind: "every", nets: ["169.254.169.123", "fd00:ec2::123"] }],
      weight: "lockout",
      reason: "a clock that drifts makes AWS refuse signatures and TLS certificates invalid",
      source: "LINKLOCAL; user-needs 0 item 2",
    },
    {
      id: "dhcp",
      direction: "egress",
      protocol: "udp",
      port: 67,
      peers: [{ kind: "one-of", nets: network.vpc.nets }],
      weight: "lockout",
      reason: "a lease that cannot be renewed takes the address away; a replaced failsafe list loses it",
      source: "CALICO 11 (udp:67 is a failsafe); user-needs 4",
    },
    {
      id: "dhcp-answer",
      direction: "ingress",
      protocol: "udp",
      port: 68,
      peers: [{ kind: "one-of", nets: network.vpc.nets }],
      weight: "lockout",
      reason: "answers of DHCP that connection tracking does not know as answers",
      source: "CALICO 11 (udp:68 is a failsafe); user-needs 4",
    },
    {
      id: "dhcpv6",
      direction: "egress",
      protocol: "udp",
      port: 547,
      peers: [{ kind: "every", nets: ["ff02::1:2"] }],
      weight: "lockout",
      reason: "EC2 gives IPv6 addresses by DHCPv6",
      source: "CALICO 11 (no failsafe covers it)",
    },
    {
      id: "dhcpv6-answer",
      direction: "ingress",
      protocol: "udp",
      port: 546,
      peers: [{ kind: "one-of", nets: ["fe80::/64"] }],
      weight: "lockout",
      reason: "the question went to a multicast address, so connection tracking does not know the answer",
      source: "CALICO 11 (no failsafe covers it)",
    },
  ];
}

/** The host to itself and to its own pods. A `*` endpoint polices `lo` too (calico-semantics 8 and 9). */
function localFlows(): readonly EssentialFlow[] {
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
    { ...local, id: "cni-daemon", port: 50_051, weight: "lockout", reason: "the VPC CNI plug-in asks ipamd here; without it no pod starts, Calico's own neither", source: "felix#2645 in user-needs 0 item 2" },
    { ...local, id: "kubelet-health", port: 10_248, weight: "service", reason: "kubelet's own health check", source: "Kubernetes documentation, kubelet --healthz-port" },
    { ...local, id: "felix-health", port: 9_099, weight: "lockout", reason: "the probes of calico-node ask Felix here; when they fail, calico-node is restarted again and again", source: "Calico's manifests; user-needs row 14" },
    { id: "own-address", direction: "local", protocol: "tcp", port: 10_256, peers: [{ kind: "self" }], weight: "service", reason: "kubelet probes host-network pods (kube-proxy, aws-node) at the node's own address", source: "user-needs row 14 (cal#4478)" },
    { ...resolver, id: "node-local-dns-udp", protocol: "udp" },
    { ...resolver, id: "node-local-dns-tcp", protocol: "tcp" },
    { id: "own-pods", direction: "own-pod", protocol: "tcp", port: 8_080, peers: [{ kind: "one-of", nets: ["192.0.2.1", "2001:db8::1"] }], weight: "service", reason: "kubelet's probes of the pods on its node", source: "CALICO 9 step 12" },
  ];
}

/** Calico between nodes. The VPC CNI needs nothing of its own. */
function calicoFlows(network: Network): readonly EssentialFlow[] {
  const both = (id: string, shape: Pick<EssentialFlow, "protocol" | "port" | "peers" | "reason" | "source">): readonly EssentialFlow[] => [
    { ...shape, id: `${id}-out`, direction: "egress", weight: "lockout" },
    { ...shape, id: `${id}-in`, direction: "ingress", weight: "lockout" },
  ];
  const nodes: EssentialFlow["peers"] = [{ kind: "every-node" }];
  const tunnel = { peers: nodes, reason: "pods on different nodes, and system pods with them, reach each other through it", source: "CALICO 9 step 4" };
  const wireguard = [...new Set([network.wireguardPorts.four, network.wireguardPorts.six])].filter((it) => it !== undefined);
  return [
    ...(network.typha
      ? both("typha", {
          protocol: "tcp",
          port: 5_473,
          peers: [{ kind: "some-node" }],
          reason: "Felix learns of every change through Typha, which runs on some nodes; cut off from it, it keeps enforcing the old state",
          source: "CALICO 11 (tcp:5473 is a failsafe both ways)",
        })
      : []),
    ...(network.vxlanPort === undefined ? [] : both("vxlan", { ...tunnel, protocol: "udp", port: network.vxlanPort })),
    ...(network.ipip ? both("ipip", { ...tunnel, protocol: 4 }) : []),
    ...(network.bgp ? both("bgp", { ...tunnel, protocol: "tcp", port: 179, reason: "routes to pods come over BGP" }) : []),
    ...wireguard.flatMap((port) => both(`wireguard-${port}`, { ...tunnel, protocol: "udp", port })),
  ];
}

/** HTTPS that a node makes on its own. */
function supportFlows(network: Network): readonly EssentialFlow[] {
  const https = {
    direction: "egress",
    protocol: "tcp",
    port: 443,
    peers: [{ kind: "one-of", nets: [...network.vpc.nets, ...network.awsServices] }],
    weight: "service",
  } as const;
  return [
    { ...https, id: "registries", reason: "images come from ECR, over its public address or a VPC endpoint", source: "EKSNET" },
    { ...https, id: "sts", reason: "AWS credentials of pods and plug-ins come from STS, over its public address or a VPC endpoint", source: "EKSNET" },
  ];
}

/** What keeps addresses and packets usable at all. */
function linkFlows(): readonly EssentialFlow[] {
  const neighbours = {
    protocol: "icmpv6",
    weight: "lockout",
    reason: "IPv6 resolves neighbours by ICMPv6; with a cold cache not even the failsafe ports work without it",
    source: "CALICO 0 item 10, 12",
  } as const;
  const link: EssentialFlow["peers"] = [{ kind: "one-of", nets: ["fe80::/64"] }];
  const multicast: EssentialFlow["peers"] = [{ kind: "one-of", nets: ["fe80::/64", "ff02::1:ff00:0/104"] }];
  const sizes = { direction: "ingress", state: "related", weight: "service", reason: "routers say that a packet is too big (path MTU discovery); connection tracking lets it pass, only untracked policy can stop it", source: "RFC 1191, RFC 8201; CALICO 10 step 1" } as const;
  return [
    { ...neighbours, id: "neighbour-solicitation-out", direction: "egress", icmp: { type: 135, code: 0 }, peers: multicast },
    { ...neighbours, id: "neighbour-solicitation-in", direction: "ingress", icmp: { type: 135, code: 0 }, peers: link },
    { ...neighbours, id: "neighbour-advertisement-out", direction: "egress", icmp: { type: 136, code: 0 }, peers: link },
    { ...neighbours, id: "neighbour-advertisement-in", direction: "ingress", icmp: { type: 136, code: 0 }, peers: link },
    { ...neighbours, id: "router-solicitation", direction: "egress", icmp: { type: 133, code: 0 }, peers: [{ kind: "every", nets: ["ff02::2"] }] },
    { ...neighbours, id: "router-advertisement", direction: "ingress", icmp: { type: 134, code: 0 }, peers: link },
    { ...sizes, id: "path-mtu", protocol: "icmp", icmp: { type: 3, code: 4 }, peers: [{ kind: "one-of", nets: ["192.0.2.1"] }] },
    { ...sizes, id: "path-mtu-v6", protocol: "icmpv6", icmp: { type: 2, code: 0 }, peers: [{ kind: "one-of", nets: ["2001:db8::1"] }] },
  ];
}
