import { parseAddress, type Address } from "../../address/parse-address.ts";
import { ICMPV6 } from "../rules/protocol.ts";
import { decide, tell, type Context, type Decision } from "./decision.ts";
import { askNormal } from "./host-chains.ts";
import type { Packet } from "./packet.ts";
import type { ReadFlow } from "./read-flow.ts";
import type { Interface } from "./resolve-endpoint.ts";

const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/**
 * IPv6 finds its neighbours with ICMPv6, and HostEndpoint chains let it pass only when policy does. What policy allows
 * then works as long as the neighbour is remembered, and fails when it is not: `unknown-neighbour`. `undefined` when
 * nothing stands in the way.
 * Source: docs/calico.md 12, 0 item 10 (observed: without it even failsafe tcp/22 fails on a cold cache).
 */
export function neighbourDecision(context: Context, flow: ReadFlow): Decision | undefined {
  const { after } = flow.packets;
  if (after.source.family !== 6 || after.protocol === ICMPV6 || flow.direction === "local") return undefined;
  const silent = { ...context, trace: undefined };
  const sides =
    flow.direction === "forward"
      ? ([
          [flow.interface, after.source],
          [flow.outInterface, after.destination],
        ] as const)
      : ([[flow.interface, flow.direction === "ingress" ? after.source : after.destination]] as const);
  const blocked = sides.find(
    ([on, peer]) => !on.workload && !discovers(silent, on, ownAddress(flow, on), peer),
  );
  if (blocked === undefined) return undefined;
  tell(
    context,
    () =>
      `neighbour discovery on ${blocked[0].name ?? "the main interface"} is not allowed: it only works while the neighbour is remembered`,
  );
  return decide("unknown", "unknown-neighbour");
}

/** The host's side of a conversation on that interface. */
function ownAddress(flow: ReadFlow, on: Interface): Address {
  const { after } = flow.packets;
  if (flow.direction === "ingress") return after.destination;
  if (flow.direction === "egress") return after.source;
  return on.addresses?.find((address) => address.family === 6) ?? LINK_LOCAL;
}

const LINK_LOCAL: Address = { family: 6, value: 0xfe80n << 112n };

/** Both sides must be able to ask, and to answer. */
function discovers(context: Context, on: Interface, own: Address, peer: Address): boolean {
  const asks: readonly (readonly ["ingress" | "egress", Packet])[] = [
    ["egress", message(own, solicitedNode(peer), SOLICITATION)],
    ["ingress", message(peer, own, ADVERTISEMENT)],
    ["ingress", message(peer, solicitedNode(own), SOLICITATION)],
    ["egress", message(own, peer, ADVERTISEMENT)],
  ];
  return asks.every(([direction, packet]) => askNormal(context, on, direction, packet).effect === "allow");
}

function message(source: Address, destination: Address, icmpType: number): Packet {
  return {
    protocol: ICMPV6,
    source,
    destination,
    sourcePort: undefined,
    destinationPort: undefined,
    icmpType,
    icmpCode: 0,
  };
}

/** RFC 4291: `ff02::1:ff` and the last 24 bits of the address. */
function solicitedNode(address: Address): Address {
  const base = parseAddress("ff02::1:ff00:0");
  if (base?.family !== 6 || address.family !== 6) return address;
  return { family: 6, value: base.value | (address.value & 0xffffffn) };
}
