import type { NetworkFacts } from "../../model/network-facts.ts";
import type { Node } from "../../model/node.ts";
import { formatNetwork, networkOf, parseAddress, parseCidr } from "../../policy/address/parse-address.ts";
import type { FelixSettings } from "../../policy/felix/felix-settings.ts";

/** What the essential flows of a cluster depend on: facts where they are known, else the widest thing that can be true. */
export type Network = {
  readonly apiServer: { readonly nets: readonly string[]; readonly known: boolean };
  /** Blocks that hold every address of the VPC. */
  readonly vpc: { readonly nets: readonly string[]; readonly known: boolean };
  /** Where the public addresses of AWS's services are; none when the cluster has no way out to them. */
  readonly awsServices: readonly string[];
  readonly typha: boolean;
  readonly vxlanPort: number | undefined;
  readonly ipip: boolean;
  readonly bgp: boolean;
  readonly wireguardPorts: { readonly four: number | undefined; readonly six: number | undefined };
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

/**
 * In: facts that a caller knows, Nodes, the distinct settings of their Felixes. Out: what to build the flows from.
 * Tunnels are read off the annotations that calico-node writes on its Node (calico-semantics 16), because Felix turns them
 * on by IP pools that nobody names in its configuration.
 */
export function detectNetwork(
  facts: NetworkFacts,
  nodes: readonly Node[],
  settings: readonly FelixSettings[],
): Network {
  const has = (annotation: string): boolean =>
    nodes.some((it) => it.annotations[`projectcalico.org/${annotation}`] !== undefined);
  const vxlan =
    has("IPv4VXLANTunnelAddr") ||
    has("IPv6VXLANTunnelAddr") ||
    settings.some((it) => it.vxlanPort !== undefined);
  const ipip = has("IPv4IPIPTunnelAddr") || settings.some((it) => it.ipip);
  const vpc =
    facts.vpcCidrs === undefined
      ? { nets: blocksAround(nodes), known: false }
      : { nets: facts.vpcCidrs, known: true };
  return {
    apiServer: apiServerOf(facts, vpc.nets),
    vpc,
    // A cluster that is reached privately only may have no way to the internet; its services are then in the VPC.
    awsServices: facts.apiServerAccess?.public === false ? [] : AWS_PUBLIC_BLOCKS,
    typha: facts.typha ?? true,
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

function apiServerOf(facts: NetworkFacts, vpc: readonly string[]): Network["apiServer"] {
  if (facts.apiServerAddresses !== undefined && facts.apiServerAddresses.length > 0)
    return { nets: facts.apiServerAddresses, known: true };
  const access = facts.apiServerAccess;
  // Where the private way is open, nodes in the VPC take it, whether the public one is open too or not (EKS user guide,
  // "Cluster API server endpoint": the private hosted zone of the VPC answers with private addresses).
  const nets =
    access === undefined ? [...vpc, ...AWS_PUBLIC_BLOCKS] : access.private ? vpc : AWS_PUBLIC_BLOCKS;
  return { nets, known: false };
}

/**
 * A CIDR block of a VPC is at most a /16, and an IPv6 one that Amazon gives is a /56, both aligned: so these hold the
 * whole block that a node's address is from (Amazon VPC user guide, "VPC CIDR blocks").
 */
function blocksAround(nodes: readonly Node[]): readonly string[] {
  const blocks = nodes.flatMap((node) =>
    node.addresses
      .filter((it) => it.type === "InternalIP")
      .flatMap((it) => {
        const address = parseAddress(it.address);
        if (address === undefined) return [];
        const block = parseCidr(`${it.address}/${address.family === 4 ? 16 : 56}`) ?? networkOf(address);
        return [formatNetwork(block)];
      }),
  );
  return [...new Set(blocks)].sort();
}

function first<T, U>(items: readonly T[], pick: (item: T) => U | undefined): U | undefined {
  for (const item of items) {
    const found = pick(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
