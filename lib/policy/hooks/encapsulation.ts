import { addressSetContains } from "../../address/address-set.ts";
import { networkContains, type Address, type Network } from "../../address/parse-address.ts";
import { IPIP, UDP } from "../rules/protocol.ts";
import { includes } from "../world/node-facts.ts";
import { decide, tell, type Context, type Decision } from "./decision.ts";
import type { Packet } from "./packet.ts";

/**
 * Tunnel packets that Calico itself made are let through before any HostEndpoint's normal policy; forged ones are dropped.
 * Source: docs/calico.md 9, steps 4 and 12.
 */
export function checkEncapsulation(
  context: Context,
  direction: "ingress" | "egress",
  packet: Packet,
): Decision | undefined {
  const kind = tunnelKind(context, packet);
  if (kind === undefined) return undefined;
  const [local, peer] =
    direction === "ingress" ? [packet.destination, packet.source] : [packet.source, packet.destination];
  const isLocal = includes(context.node.facts.addresses, local);
  const trusted =
    isLocal &&
    (kind === "WireGuard"
      ? direction === "ingress" || isPeer(context, "IP-in-IP", peer)
      : isPeer(context, kind, peer));
  if (trusted) {
    tell(context, () => `${kind} with a known peer is let through`);
    return decide("allow", "encapsulation");
  }
  if (direction === "egress" || kind === "WireGuard") return undefined;
  tell(context, () => `${kind} from an unknown peer is dropped`);
  return decide("deny", "encapsulation");
}

type Tunnel = "IP-in-IP" | "VXLAN" | "WireGuard";

function tunnelKind(context: Context, packet: Packet): Tunnel | undefined {
  const { settings } = context.node;
  if (packet.protocol === IPIP && settings.ipip && packet.source.family === 4) return "IP-in-IP";
  if (packet.protocol !== UDP || packet.destinationPort === undefined) return undefined;
  if (packet.destinationPort === settings.vxlanPort) return "VXLAN";
  const wireguard = packet.source.family === 4 ? settings.wireguardPorts.four : settings.wireguardPorts.six;
  return packet.destinationPort === wireguard ? "WireGuard" : undefined;
}

function isPeer(context: Context, kind: "IP-in-IP" | "VXLAN", address: Address): boolean {
  const { settings } = context.node;
  const external = settings.externalNodes.some((network: Network) => networkContains(network, address));
  return external || addressSetContains(context.world.tunnelPeers(kind), address);
}
