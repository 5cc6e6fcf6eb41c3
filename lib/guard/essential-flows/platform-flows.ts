import type { Node } from "../../model/node.ts";
import type { EssentialFlow } from "./essential-flow.ts";

/** Where machines run, by the scheme of their provider ID. Source: docs/providers.md 4. */
export type Platform = "aws" | "azure" | "gcp";
const SCHEMES: Readonly<Record<Platform, string>> = { aws: "aws:", azure: "azure:", gcp: "gce:" };

/** Nodes by platform; a node of none is nobody's. A forged provider ID adds flows to the node that bears it, and to no other. */
export function nodesOn(platform: Platform, nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((it) => (it.providerId?.startsWith(SCHEMES[platform]) === true ? [it.name] : []));
}

type Row = readonly [id: string, protocol: "tcp" | "udp", port: number, address: string, reason: string];

/** What Azure's and Google's machines live on, beside the cluster's own. Source: docs/providers.md 3. */
const ROWS: Readonly<Record<Exclude<Platform, "aws">, readonly Row[]>> = {
  azure: [
    ["azure-platform-http", "tcp", 80, "168.63.129.16", "the guest agent gets its goal state here"],
    ["azure-platform-agent", "tcp", 32_526, "168.63.129.16", "the guest agent reports here"],
    ["azure-dns-udp", "udp", 53, "168.63.129.16", "Azure's own resolver"],
    ["azure-dns-tcp", "tcp", 53, "168.63.129.16", "Azure's own resolver"],
    ["azure-metadata", "tcp", 80, "169.254.169.254", "tokens of the node's identity come from here"],
  ],
  gcp: [
    ["gcp-metadata", "tcp", 80, "169.254.169.254", "tokens of the node's identity come from here"],
    ["gcp-dns-udp", "udp", 53, "169.254.169.254", "Google's own resolver"],
    ["gcp-dns-tcp", "tcp", 53, "169.254.169.254", "Google's own resolver"],
    ["gcp-time", "udp", 123, "169.254.169.254", "Google's own clock"],
  ],
};

export function platformFlows(
  platform: Exclude<Platform, "aws">,
  nodes: readonly string[],
): readonly EssentialFlow[] {
  if (nodes.length === 0) return [];
  return ROWS[platform].map(([id, protocol, port, address, reason]) => ({
    id,
    direction: "egress",
    protocol,
    port,
    peers: [{ kind: "every", nets: [address] }],
    onNodes: new Set(nodes),
    weight: "lockout",
    reason,
    source: "docs/providers.md 3",
  }));
}
