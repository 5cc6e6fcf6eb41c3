import type { NetworkFacts } from "../../model/network-facts.ts";
import type { Settings } from "../../config/settings.ts";
import type { Node } from "../../model/node.ts";
import { formatNetwork, networkOf, parseAddress, parseCidr } from "../../address/parse-address.ts";
import type { FelixSettings } from "../../policy/felix/felix-settings.ts";
import { isSaidBySeveral } from "../../model/said-by-several.ts";
import type { Peers } from "./essential-flow.ts";
import { nodesByProvider, type NodesByProvider } from "./nodes-by-provider.ts";
import { nodesOn } from "./platform-flows.ts";
import { servingNodes, type ServingNodes } from "./serving-nodes.ts";

/** What the essential flows of a cluster depend on: facts where they are known, else the widest thing that can be true. */
export type Surroundings = {
  /** Ways to the API server, one for each port; never empty. */
  readonly apiServer: readonly [ApiServerWay, ...ApiServerWay[]];
  /** Addresses from which the control plane reaches the nodes, as far as they are known. */
  readonly controlPlane: readonly string[];
  /** Blocks that hold every address of the VPC. */
  readonly vpc: { readonly nets: readonly string[] };
  /** Blocks that pods' addresses are from: the VPC's with the VPC CNI, else those that Kubernetes gave to the nodes. */
  readonly pods: readonly string[];
  /** Where the public addresses of AWS's services are; none when the cluster has no way out to them. */
  readonly awsServices: readonly string[];
  /** What nodes of the cluster serve themselves. */
  readonly serving: ServingNodes;
  /** Blocks that Kubernetes gave to the nodes for pods. */
  readonly nodePods: readonly string[];
  /** Nodes by whose they are: as a person says, else by the signs that they bear. */
  readonly providers: NodesByProvider;
  /** Nodes that need what EKS gives (its CNI's daemon, registries, STS); `all`: it is an EKS cluster, whatever its Nodes say. */
  readonly eks: "all" | readonly string[];
  /** Nodes by kubelet port, where it is not the usual one. */
  readonly kubeletPorts: ReadonlyMap<number, readonly string[]>;
  /** Nodes by where they run; `all`: it is an EKS cluster, whatever its Nodes say. */
  readonly aws: "all" | readonly string[];
  readonly azure: readonly string[];
  readonly gcp: readonly string[];
  readonly typha: boolean;
  readonly vxlanPort: number | undefined;
  readonly ipip: boolean;
  readonly bgp: boolean;
  readonly wireguardPorts: { readonly four: number | undefined; readonly six: number | undefined };
};

export type ApiServerWay = {
  /** What the flow is called: `api-server` for the first, then by its port, or by the cluster's name. */
  readonly id: string;
  readonly port: number;
  readonly peers: readonly Peers[];
  /** Names of the nodes that take it; absent: all. */
  readonly onNodes?: ReadonlySet<string>;
};

/**
 * Where AWS's public endpoints are, for want of the real addresses: some of the blocks that Amazon announces for EC2
 * (ip-ranges.json). A rule that lets only a part of them through may or may not let the cluster's endpoint through.
 */
export const AWS_PUBLIC_BLOCKS: readonly string[] = [
  "3.0.0.0/8",
  "18.0.0.0/8",
  "52.0.0.0/8",
  "54.0.0.0/8",
  "2600:1f00::/24",
];

export type SurroundingsClues = {
  readonly facts: NetworkFacts;
  readonly nodes: readonly Node[];
  /** Whose cluster a person says it is; `auto` where nobody does. */
  readonly provider: Settings["provider"];
  /** The distinct settings of their Felixes. */
  readonly settings: readonly FelixSettings[];
  /** Does Felix get its data from Typha? Undefined: nobody knows. */
  readonly typha: boolean | undefined;
};

/**
 * Tunnels are read off the annotations that calico-node writes on its Node (docs/calico.md 16), because Felix turns them
 * on by IP pools that nobody names in its configuration.
 */
export function detectSurroundings({
  facts,
  nodes,
  provider,
  settings,
  typha,
}: SurroundingsClues): Surroundings {
  const has = (annotation: string): boolean =>
    isSaidBySeveral(
      nodes.filter((it) => it.annotations[`projectcalico.org/${annotation}`] !== undefined).length,
      nodes.length,
    );
  const vxlan =
    has("IPv4VXLANTunnelAddr") ||
    has("IPv6VXLANTunnelAddr") ||
    settings.some((it) => it.vxlanPort !== undefined);
  const ipip = has("IPv4IPIPTunnelAddr") || settings.some((it) => it.ipip);
  const controlPlane = distinct((facts.apiServers ?? []).map((it) => it.address));
  const vpc = facts.vpcCidrs ?? blocksAround(nodes, controlPlane);
  // Who knows the cluster's access settings asked EKS; a cluster without Nodes will be given some by EKS.
  const isEks =
    provider === "eks" ||
    (provider === "auto" && (facts.apiServerAccess !== undefined || nodes.length === 0));
  const onAws = nodesOn("aws", nodes);
  // A person's word takes flows away; a sign never does: a machine of EC2 may be EKS's, whoever else's signs it bears.
  const eks = isEks ? "all" : provider === "auto" ? onAws : [];
  const providers = nodesByProvider(nodes, provider);
  return {
    serving: servingNodes(nodes, facts.apiServers, providers),
    providers,
    eks,
    kubeletPorts: kubeletPorts(nodes),
    nodePods: distinct(nodes.flatMap((it) => it.podCidrs)),
    aws: isEks ? "all" : onAws,
    azure: provider === "aks" ? providers.aks : nodesOn("azure", nodes),
    gcp: provider === "gke" ? providers.gke : nodesOn("gcp", nodes),
    apiServer: waysToApiServer(facts, nodes, vpc, eks),
    controlPlane,
    vpc: { nets: vpc },
    pods: distinct([...vpc, ...nodes.flatMap((it) => it.podCidrs)]),
    // A cluster that is reached privately only may have no way to the internet; its services are then in the VPC.
    awsServices: facts.apiServerAccess?.public === false ? [] : AWS_PUBLIC_BLOCKS,
    typha: typha ?? true,
    vxlanPort: vxlan ? (first(settings, (it) => it.vxlanPort) ?? 4789) : undefined,
    ipip,
    // A node address in an annotation is what BGP uses; VXLAN needs none, and the VPC CNI leaves it out.
    bgp: ipip || ((has("IPv4Address") || has("IPv6Address")) && !vxlan),
    wireguardPorts: {
      four:
        first(settings, (it) => it.wireguardPorts.four) ??
        (has("IPv4WireguardInterfaceAddr") ? 51_820 : undefined),
      six:
        first(settings, (it) => it.wireguardPorts.six) ??
        (has("IPv6WireguardInterfaceAddr") ? 51_821 : undefined),
    },
  };
}

function kubeletPorts(nodes: readonly Node[]): Surroundings["kubeletPorts"] {
  const ports = new Map<number, string[]>();
  for (const { name, kubeletPort } of nodes)
    if (kubeletPort !== undefined) ports.set(kubeletPort, [...(ports.get(kubeletPort) ?? []), name]);
  return ports;
}

const EKS_PORT = 443;

/**
 * Felix, the CNI and kube-proxy reach the API servers themselves, by the Service `kubernetes`; the kubelet reaches what the
 * cluster's name stands for. On EKS the two differ. Elsewhere nothing is known of the name, and the first must do.
 */
function waysToApiServer(
  facts: NetworkFacts,
  nodes: readonly Node[],
  vpc: readonly string[],
  eks: Surroundings["eks"],
): Surroundings["apiServer"] {
  const servers = facts.apiServers ?? [];
  const ports = distinct(servers.map((it) => it.port));
  const own = ports.map((port): ApiServerWay => {
    const nets = distinct(servers.filter((it) => it.port === port).map((it) => it.address));
    return { id: `api-server-${port}`, port, peers: [{ kind: "every", nets, changing: true }] };
  });
  // Who knows the access settings asked EKS; else the provider ID of a node tells for this node alone.
  const named = eks === "all" ? nodes.map((it) => it.name) : eks;
  const isNamed = eks === "all" || servers.length === 0 || named.length === nodes.length;
  const byName: ApiServerWay = {
    id: "api-server-by-name",
    port: EKS_PORT,
    peers: [peersByName(facts, vpc)],
    ...(isNamed ? {} : { onNodes: new Set(named) }),
  };
  const [first = byName, ...others] = isNamed && servers.length > 0 ? together(own, byName) : own;
  const isApart = !isNamed && named.length > 0;
  return [{ ...first, id: "api-server" }, ...others, ...(isApart ? [byName] : [])];
}

/** On EKS both ways are one flow where they have one port. */
function together(own: readonly ApiServerWay[], byName: ApiServerWay): readonly ApiServerWay[] {
  const same = own.find((it) => it.port === byName.port);
  if (same === undefined) return [byName, ...own];
  const both = { ...byName, peers: [...same.peers, ...byName.peers] };
  return [both, ...own.filter((it) => it !== same)];
}

/**
 * Where the private way is open, nodes in the VPC take it, whether the public one is open too or not (EKS user guide,
 * "Cluster API server endpoint": the private hosted zone of the VPC answers with private addresses).
 */
function peersByName(
  { apiServerAccess: access, apiServerAddresses: addresses = [] }: NetworkFacts,
  vpc: readonly string[],
): Peers {
  if (access?.private === true) return { kind: "one-of", nets: vpc };
  if (addresses.length > 0) return { kind: "every", nets: distinct(addresses), changing: true };
  return { kind: "one-of", nets: access === undefined ? [...vpc, ...AWS_PUBLIC_BLOCKS] : AWS_PUBLIC_BLOCKS };
}

/**
 * A CIDR block of a VPC is at most a /16, and an IPv6 one that Amazon gives is a /56, both aligned: so these hold the
 * whole block that an address is from (Amazon VPC user guide, "VPC CIDR blocks").
 */
function blocksAround(nodes: readonly Node[], controlPlane: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const block of nodes.flatMap((it) => distinct(internalAddresses(it).flatMap(blockAround))))
    counts.set(block, (counts.get(block) ?? 0) + 1);
  // A block in which one node alone says it is may be made up, and would have to be open to every node.
  const shared = [...counts].flatMap(([block, count]) =>
    isSaidBySeveral(count, nodes.length) ? [block] : [],
  );
  const around = distinct([...shared, ...controlPlane.flatMap(blockAround)]);
  return (around.length === 0 ? [...counts.keys()] : around).sort();
}

function blockAround(text: string): readonly string[] {
  const address = parseAddress(text);
  if (address === undefined) return [];
  return [formatNetwork(parseCidr(`${text}/${address.family === 4 ? 16 : 56}`) ?? networkOf(address))];
}

function internalAddresses({ addresses }: Node): readonly string[] {
  return addresses.filter((it) => it.type === "InternalIP").map((it) => it.address);
}

function distinct<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}

function first<T, U>(items: readonly T[], pick: (item: T) => U | undefined): U | undefined {
  for (const item of items) {
    const found = pick(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
