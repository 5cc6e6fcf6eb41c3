import type { JsonObject } from "../../model/kubernetes-object.ts";
import { formatNetwork, parseNetwork } from "../../address/parse-address.ts";
import { lastingPeers, type EssentialFlow, type Peers } from "../essential-flows/essential-flow.ts";

export type AllowRules = { readonly ingress: readonly JsonObject[]; readonly egress: readonly JsonObject[] };

/**
 * Rules of a GlobalNetworkPolicy that keep a flow open. One rule for each IP family, because Calico's own validator refuses
 * both families in one rule (docs/calico.md 17.2). Other nodes are named by the blocks that hold them, not by a selector:
 * a selector finds a node only once its HostEndpoint is there (docs/calico.md 7), which would cut nodes off from each
 * other while endpoints are being made.
 */
export function allowRulesFor(flow: EssentialFlow, nodeBlocks: readonly string[]): AllowRules {
  if (flow.state === "related") return { ingress: [], egress: [] };
  const shapes = shapesOf(flow);
  const rules = (side: "source" | "destination"): readonly JsonObject[] =>
    peerNets(flow, nodeBlocks).flatMap((nets) => shapes.map((shape) => ruleFor(shape, flow, side, nets)));
  switch (flow.direction) {
    case "ingress":
      return { ingress: rules("source"), egress: [] };
    case "egress":
      return { ingress: [], egress: rules("destination") };
    case "local":
      return { ingress: rules("source"), egress: rules("destination") };
    // The first needs none; a rule for what passes through would open the node itself too (docs/calico.md 20 item 19).
    case "own-pod":
    case "pods-out":
    case "pods-in":
      return { ingress: [], egress: [] };
  }
}

type Nets = { readonly family: 4 | 6; readonly nets: readonly string[] } | "anywhere";

function shapesOf(flow: EssentialFlow): readonly JsonObject[] {
  if (flow.protocol === 4) return [{ protocol: 4 }];
  if (flow.icmp !== undefined) {
    const { type } = flow.icmp;
    // The type alone: nftables mode crashes Felix on a type with a code (docs/calico.md 0 item 11).
    return [{ protocol: flow.protocol === "icmp" ? "ICMP" : "ICMPv6", icmp: { type } }];
  }
  return [{ protocol: flow.protocol.toUpperCase() }];
}

function ruleFor(
  shape: JsonObject,
  flow: EssentialFlow,
  side: "source" | "destination",
  nets: Nets,
): JsonObject {
  const peer: JsonObject = nets === "anywhere" ? {} : { nets: nets.nets };
  const port: JsonObject = flow.port === undefined ? {} : { ports: [flow.port] };
  const source = side === "source" ? peer : {};
  const destination = { ...(side === "destination" ? peer : {}), ...port };
  return {
    action: "Allow",
    ...shape,
    ...(Object.keys(source).length === 0 ? {} : { source }),
    ...(Object.keys(destination).length === 0 ? {} : { destination }),
  };
}

/** Where the other side can be, by family. When it is out there and nobody knows where, it is anywhere. */
function peerNets(flow: EssentialFlow, nodeBlocks: readonly string[]): readonly Nets[] {
  if (flow.icmp !== undefined) return ["anywhere"];
  if (isAnywhere(flow)) return ["anywhere"];
  const nets = lastingPeers(flow).flatMap((it) => netsOf(it, nodeBlocks));
  return ([4, 6] as const).flatMap((family): readonly Nets[] => {
    const own = [...new Set(nets.flatMap((it) => ofFamily(it, family)))];
    return own.length === 0 || (flow.protocol === 4 && family === 6) ? [] : [{ family, nets: own }];
  });
}

/** True for a flow to somewhere out there that may be somewhere else tomorrow: what keeps it open must name no address. */
export function isAnywhere({ direction, peers }: EssentialFlow): boolean {
  return (
    direction === "egress" &&
    peers.some((it) => it.kind === "one-of" || (it.kind === "every" && it.changing === true))
  );
}

function netsOf(peers: Peers, nodeBlocks: readonly string[]): readonly string[] {
  switch (peers.kind) {
    case "every":
    case "one-of":
    case "pods":
      return peers.nets;
    case "every-node":
    case "some-node":
    case "self":
      return nodeBlocks;
  }
}

function ofFamily(text: string, family: 4 | 6): readonly string[] {
  const network = parseNetwork(text);
  return network?.family === family ? [formatNetwork(network)] : [];
}
