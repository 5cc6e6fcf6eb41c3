import type { Flow } from "../../model/flow.ts";
import {
  formatAddress,
  networkContains,
  parseNetwork,
  type Address,
  type Family,
} from "../../address/parse-address.ts";
import { addressSetContains } from "../../address/address-set.ts";
import type { World, WorldNode } from "../../policy/world/world.ts";
import type { EssentialFlow, Peers } from "../essential-flows/essential-flow.ts";
import type { AddressClasses } from "./address-classes.ts";

/** One question for the policy engine: an essential flow of a node with one address as its other side. */
export type Probe = {
  readonly flow: EssentialFlow;
  readonly peers: Peers;
  readonly peer: Address;
  /** The node's own address; of what passes through, its pod's. */
  readonly local: Address;
  readonly question: Flow;
};

export type KnownNodes =
  | {
      readonly kind: "all";
      readonly addresses: readonly Address[];
      /** Addresses that Calico knows at the other end of a tunnel. */
      readonly tunnelPeers: World["tunnelPeers"];
    }
  | { readonly kind: "some"; readonly blocks: readonly string[] };

/** The other sides of a flow, the same for every node: one for each class of addresses (two, where they are nodes). */
export type PeerBook = (peers: Peers, family: Family) => readonly Address[];

/** Ports that stand for "any port" when a flow names none. */
const ANY_PORTS: readonly number[] = [1, 443, 8_080, 32_768, 65_535];

/** In: the addresses of all nodes; when they are not all known, blocks that hold them. */
export function peerBook(classes: AddressClasses, nodes: KnownNodes): PeerBook {
  const known = new Map<string, readonly Address[]>();
  const resolve = (peers: Peers): readonly Address[] => {
    switch (peers.kind) {
      case "every":
        return [...outside(peers.nets, classes), ...nodesInside(peers.nets, nodes, classes)];
      case "one-of":
        return outside(peers.nets, classes);
      case "pods":
        return outside(peers.nets, classes, 2);
      case "every-node":
      case "some-node":
        return nodes.kind === "all"
          ? twoOfEachClass(addressesFor(peers, nodes), classes)
          : outside(nodes.blocks, classes);
      case "self":
        return [];
    }
  };
  return (peers, family) => {
    const key = `${family} ${JSON.stringify(peers)}`;
    const found = known.get(key) ?? resolve(peers).filter((it) => it.family === family);
    known.set(key, found);
    return found;
  };
}

/** A node that is at no end of a tunnel sends nothing through it, whatever it says of its addresses. */
function addressesFor(peers: Peers, nodes: Extract<KnownNodes, { kind: "all" }>): readonly Address[] {
  if (peers.kind !== "every-node" || peers.tunnel === undefined) return nodes.addresses;
  const ends = nodes.tunnelPeers(peers.tunnel);
  const found = nodes.addresses.filter((it) => addressSetContains(ends, it));
  return found.length === 0 ? nodes.addresses : found;
}

/** So many addresses of each class that the blocks have: two where both sides of a flow are from there. */
function outside(nets: readonly string[], classes: AddressClasses, count = 1): readonly Address[] {
  const found = nets.flatMap((it) => classes.representatives(it, count));
  const distinct = [...new Map(found.map((it) => [it.value, it])).values()];
  return [...Map.groupBy(distinct, (it) => classes.classOf(it)).values()].flatMap((it) => it.slice(0, count));
}

/** Nodes too may be meant by a block that must get through whole. */
function nodesInside(
  nets: readonly string[],
  nodes: KnownNodes,
  classes: AddressClasses,
): readonly Address[] {
  const blocks = nets.flatMap((it) => parseNetwork(it) ?? []).filter((it) => it.first !== it.last);
  if (blocks.length === 0 || nodes.kind === "some") return [];
  return twoOfEachClass(
    nodes.addresses.filter((it) => blocks.some((block) => networkContains(block, it))),
    classes,
  );
}

/** Two, so that a node that is itself one of them still has one to talk to. */
function twoOfEachClass(nodes: readonly Address[], classes: AddressClasses): readonly Address[] {
  return [...Map.groupBy(nodes, (it) => classes.classOf(it)).values()].flatMap((it) => it.slice(0, 2));
}

/** The questions of one flow on one node, for each family in which the node has an address. */
export function probesFor(
  flow: EssentialFlow,
  node: WorldNode,
  local: readonly Address[],
  book: PeerBook,
): readonly Probe[] {
  const near = flow.pods === undefined ? local : podsOf(flow.pods, local, book);
  return near.flatMap((own) =>
    isOfFamily(flow, own.family)
      ? flow.peers.flatMap((peers) =>
          othersOf(flow, peers, own, book).flatMap((peer) =>
            questionsFor(flow, node, own, peer).map((question): Probe => ({
              flow,
              peers,
              peer,
              local: own,
              question,
            })),
          ),
        )
      : [],
  );
}

/** Pods of the families that the node has. */
function podsOf(blocks: readonly string[], local: readonly Address[], book: PeerBook): readonly Address[] {
  const families = [...new Set(local.map((it) => it.family))];
  return families.flatMap((family) => book({ kind: "pods", nets: blocks }, family));
}

function isOfFamily(flow: EssentialFlow, family: Family): boolean {
  if (flow.protocol === "icmp" || flow.protocol === 4) return family === 4;
  return flow.protocol !== "icmpv6" || family === 6;
}

function othersOf(flow: EssentialFlow, peers: Peers, own: Address, book: PeerBook): readonly Address[] {
  if (peers.kind === "self") return [own];
  const found = book(peers, own.family);
  return flow.direction === "local" ? found : found.filter((it) => it.value !== own.value);
}

function questionsFor(flow: EssentialFlow, node: WorldNode, own: Address, peer: Address): readonly Flow[] {
  const hasPorts = flow.protocol === "tcp" || flow.protocol === "udp" || flow.protocol === "sctp";
  const ports = hasPorts ? (flow.port === undefined ? ANY_PORTS : [flow.port]) : [undefined];
  const base = {
    node: node.facts.name,
    protocol: flow.protocol,
    ...(flow.icmp === undefined ? {} : { icmp: flow.icmp }),
  };
  const podInterface = `${node.settings.workloadPrefixes[0] ?? "cali"}0`;
  const mine = { ip: formatAddress(own) };
  const theirs = { ip: formatAddress(peer) };
  return ports.map((port): Flow => {
    const to = (ip: { readonly ip: string }) => (port === undefined ? ip : { ...ip, port });
    switch (flow.direction) {
      case "ingress":
        return { ...base, direction: "ingress", source: theirs, destination: to(mine) };
      case "egress":
        return { ...base, direction: "egress", source: mine, destination: to(theirs) };
      case "local":
        return { ...base, direction: "local", source: theirs, destination: to(theirs) };
      case "own-pod":
        return {
          ...base,
          direction: "egress",
          interface: podInterface,
          source: mine,
          destination: to(theirs),
        };
      case "pods-out":
        return {
          ...base,
          direction: "forward",
          interface: podInterface,
          source: mine,
          destination: to(theirs),
        };
      case "pods-in":
        return {
          ...base,
          direction: "forward",
          outInterface: podInterface,
          source: theirs,
          destination: to(mine),
        };
    }
  });
}
