import { calicoFlows } from "./calico-flows.ts";
import type { Surroundings } from "./detect-surroundings.ts";
import { KUBELET_PORT } from "../../model/node.ts";
import type { EssentialFlow } from "./essential-flow.ts";
import { linkFlows } from "./link-flows.ts";
import { localFlows } from "./local-flows.ts";
import { platformFlows } from "./platform-flows.ts";
import { podFlows } from "./pod-flows.ts";
import { providerFlows } from "./provider-flows.ts";
import { servingFlows } from "./serving-flows.ts";

/**
 * What a node needs, as data: on EKS, and where its platform and its control plane show otherwise. `docs/safety.md` shows the same list; a test holds the two together.
 * Sources: EKSNET = EKS user guide, "View Amazon EKS security group requirements" and "Restricting cluster traffic";
 * LINKLOCAL = EC2 user guide, "Link-local addresses"; CALICO n = docs/calico.md, section n.
 */
export function builtInFlows(network: Surroundings): readonly EssentialFlow[] {
  return [
    ...controlFlows(network),
    ...servingFlows(network),
    ...[...hostServiceFlows(network), ...localFlows()].flatMap((it) => where(it, network)),
    ...podFlows(network),
    ...calicoFlows(network),
    ...supportFlows(network).flatMap((it) => where(it, network)),
    ...platformFlows("azure", network.azure),
    ...platformFlows("gcp", network.gcp),
    ...providerFlows(network),
    ...linkFlows(),
  ];
}

/** What only a machine of EC2 has: asked of others it would hold them back for nothing. */
const OF_AWS: ReadonlySet<string> = new Set([
  "dns-udp",
  "dns-tcp",
  "instance-metadata",
  "time",
  "dhcpv6",
  "dhcpv6-answer",
]);

/** What only a node of EKS has: self-made clusters on EC2 have their own. */
const OF_EKS: ReadonlySet<string> = new Set(["cni-daemon", "registries", "sts"]);

/** The flow for the nodes that it is for, where there are any. */
function where(flow: EssentialFlow, { aws, eks }: Surroundings): readonly EssentialFlow[] {
  const nodes = OF_AWS.has(flow.id) ? aws : OF_EKS.has(flow.id) ? eks : "all";
  if (nodes === "all") return [flow];
  return nodes.length === 0 ? [] : [{ ...flow, onNodes: new Set(nodes) }];
}

/** The cluster's own way to the node and back. */
function controlFlows(network: Surroundings): readonly EssentialFlow[] {
  return [
    ...network.apiServer.map(({ id, port, peers, onNodes }): EssentialFlow => ({
      id,
      ...(onNodes === undefined ? {} : { onNodes }),
      direction: "egress",
      protocol: "tcp",
      port,
      peers,
      weight: "lockout",
      reason:
        "kubelet, Felix and the CNI reach the API server here; once it is cut, no write can reach the node any more",
      source: "EKSNET; docs/needs.md 0 item 2: EKS serves on 443, Calico's failsafes know 6443 only",
    })),
    ...kubeletFlows(network),
  ];
}

/** On the port that the Node tells, too: it may be another one than the usual, which counts anyway. */
function kubeletFlows(network: Surroundings): readonly EssentialFlow[] {
  const kubelet: EssentialFlow = {
    id: "kubelet",
    direction: "ingress",
    protocol: "tcp",
    port: KUBELET_PORT,
    peers: [
      // Where nodes serve the API themselves, the addresses from which it asks are known.
      ...(network.serving.api.length > 0 && network.controlPlane.length > 0
        ? []
        : [{ kind: "one-of", nets: network.vpc.nets } as const]),
      ...(network.controlPlane.length === 0
        ? []
        : [{ kind: "every", nets: network.controlPlane, changing: true } as const]),
    ],
    weight: "service",
    reason:
      "the control plane asks the kubelet for logs, exec, port-forward and metrics; its network interfaces are in the VPC",
    source: "EKSNET",
  };
  return [
    kubelet,
    ...[...network.kubeletPorts].map(([port, nodes]) => ({
      ...kubelet,
      id: `kubelet-${port}`,
      port,
      onNodes: new Set(nodes),
      source: "docs/providers.md 2 (status.daemonEndpoints)",
    })),
  ];
}
/** What the operating system of an EC2 instance lives on. */
function hostServiceFlows(network: Surroundings): readonly EssentialFlow[] {
  const resolvers: EssentialFlow["peers"] = [
    { kind: "every", nets: ["169.254.169.253", "fd00:ec2::253"] },
    { kind: "one-of", nets: network.vpc.nets },
  ];
  const dns = {
    direction: "egress",
    port: 53,
    peers: resolvers,
    weight: "lockout",
    source: "EKSNET; LINKLOCAL",
  } as const;
  return [
    {
      ...dns,
      id: "dns-udp",
      protocol: "udp",
      reason: "without names the node finds neither the API server nor AWS",
    },
    {
      ...dns,
      id: "dns-tcp",
      protocol: "tcp",
      reason: "answers that do not fit into UDP come over TCP; no failsafe of Calico's covers it",
    },
    {
      id: "instance-metadata",
      direction: "egress",
      protocol: "tcp",
      port: 80,
      peers: [{ kind: "every", nets: ["169.254.169.254", "fd00:ec2::254"] }],
      weight: "lockout",
      reason:
        "kubelet's token for the API server is signed with credentials from here, and they expire within hours",
      source: "LINKLOCAL; docs/needs.md 0 item 2",
    },
    {
      id: "time",
      direction: "egress",
      protocol: "udp",
      port: 123,
      peers: [{ kind: "every", nets: ["169.254.169.123", "fd00:ec2::123"] }],
      weight: "lockout",
      reason: "a clock that drifts makes AWS refuse signatures and TLS certificates invalid",
      source: "LINKLOCAL; docs/needs.md 0 item 2",
    },
    {
      id: "dhcp",
      direction: "egress",
      protocol: "udp",
      port: 67,
      peers: [{ kind: "one-of", nets: network.vpc.nets }],
      weight: "lockout",
      reason: "a lease that cannot be renewed takes the address away; a replaced failsafe list loses it",
      source: "CALICO 11 (udp:67 is a failsafe); docs/needs.md 4",
    },
    {
      id: "dhcp-answer",
      direction: "ingress",
      protocol: "udp",
      port: 68,
      peers: [{ kind: "one-of", nets: network.vpc.nets }],
      weight: "lockout",
      reason: "answers of DHCP that connection tracking does not know as answers",
      source: "CALICO 11 (udp:68 is a failsafe); docs/needs.md 4",
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

/** HTTPS that a node makes on its own. */
function supportFlows(network: Surroundings): readonly EssentialFlow[] {
  const https = {
    direction: "egress",
    protocol: "tcp",
    port: 443,
    peers: [{ kind: "one-of", nets: [...network.vpc.nets, ...network.awsServices] }],
    weight: "service",
  } as const;
  return [
    {
      ...https,
      id: "registries",
      reason: "images come from ECR, over its public address or a VPC endpoint",
      source: "EKSNET",
    },
    {
      ...https,
      id: "sts",
      reason: "AWS credentials of pods and plug-ins come from STS, over its public address or a VPC endpoint",
      source: "EKSNET",
    },
  ];
}
