import { UDP } from "../rules/protocol.ts";
import { includes } from "../world/node-facts.ts";
import type { Address } from "../../address/parse-address.ts";
import { decide, tell, type Context, type Decision } from "./decision.ts";
import type { Packet } from "./packet.ts";
import type { Interface } from "./resolve-endpoint.ts";

/**
 * eBPF programs know the WireGuard port, and decide about it on data interfaces before any policy, HostEndpoint or not:
 * between nodes it passes; 3.32.0 and 3.32.1 drop it from and to everybody else. `undefined`: policy decides.
 * Source: docs/calico-versions.md 4.
 */
export function decideWireguard(
  context: Context,
  on: Interface,
  direction: "ingress" | "egress",
  before: Packet,
  after: Packet,
): Decision | undefined {
  const { settings, facts } = context.node;
  const port = settings.bpfWireguardPort;
  if (after.protocol !== UDP || before.destinationPort !== port || on.name === "lo") return undefined;
  if (on.name !== undefined && !settings.isBpfDataInterface(on.name)) return undefined;
  const { bpfForeignWireguard, bpfNodeWireguard } = context.world.policies.rules;
  const [own, peer] =
    direction === "ingress" ? [after.destination, after.source] : [after.source, after.destination];
  if (isOtherNode(context, peer)) {
    const isMesh =
      bpfNodeWireguard === "destination-port" || isBetween(before, after, port, own, facts.addresses);
    if (!isMesh) return undefined;
    tell(context, () => "WireGuard between nodes is let through");
    return decide("allow", "encapsulation");
  }
  if (bpfForeignWireguard === "policy") return undefined;
  // Who else is a node cannot be told from a part of them.
  if (context.world.policies.unread.has("HostEndpoint")) return decide("unknown", "unknown-set-members");
  tell(context, () => "WireGuard of somebody who is no node is dropped");
  return decide("deny", "encapsulation");
}

/** Both ports are the mesh's, nothing is translated, and the other end is this host. */
function isBetween(
  before: Packet,
  after: Packet,
  port: number,
  own: Address,
  addresses: readonly Address[],
): boolean {
  return after.destinationPort === port && before.sourcePort === port && includes(addresses, own);
}

function isOtherNode({ world, node }: Context, address: Address): boolean {
  for (const { facts } of world.nodes.values())
    if (facts.name !== node.facts.name && includes(facts.addresses, address)) return true;
  return false;
}
