import type { Hook } from "../../model/verdict.ts";
import { networkContains } from "../../address/parse-address.ts";
import type { ReadyFailsafe } from "../felix/felix-settings.ts";
import type { Endpoint } from "../world/endpoint.ts";
import type { Direction } from "../world/tier-policies.ts";
import { askProfiles, askTiers } from "./ask-tiers.ts";
import { decide, tell, type Context, type Decision } from "./decision.ts";
import { conntrackState, type Packet } from "./packet.ts";

/**
 * One chain of one HostEndpoint: connection tracking, failsafes, tiers, and for the normal hook the profiles.
 * Out: `allow` (reason `failsafe` only lets the packet through this hook), `deny`, `unknown`, or `none`.
 * Must never happen: a failsafe in the forward hook, or a deny at the end of an untracked or preDNAT chain.
 * Source: docs/calico.md 10 and 21 (`chain`).
 */
export function runChain(
  context: Context,
  endpoint: Endpoint,
  hook: Hook,
  direction: Direction,
  packet: Packet,
): Decision {
  const asked = { hook, hostEndpoint: endpoint.storedName };
  const { settings } = context.node;
  tell(context, () => `${hook} ${direction} of HostEndpoint ${endpoint.storedName}`);
  if (hook !== "untracked" && settings.dropsInvalid && conntrackState(packet) === "invalid") {
    if (settings.dataplane === "nftables" && direction === "egress") {
      // Observed: nftables mode lets these out (docs/calico.md 0 item 10).
      tell(context, () => `${hook}: connection tracking calls the packet invalid; nftables mode lets it out`);
      return decide("allow", "conntrack-invalid", asked);
    }
    if (settings.dataplane === "either" && direction === "egress") {
      tell(
        context,
        () =>
          `${hook}: connection tracking calls the packet invalid; nftables mode lets it out, iptables mode does not`,
      );
      return decide("unknown", "unknown-dataplane", asked);
    }
    tell(context, () => `${hook}: connection tracking calls the packet invalid, which drops it`);
    return decide("deny", "conntrack-invalid", asked);
  }
  const failsafe = hook === "forward" ? undefined : findFailsafe(context, hook, direction, packet);
  if (failsafe !== undefined) {
    tell(context, () => `${hook}: failsafe ${failsafe.text} lets it through`);
    return decide("allow", "failsafe", asked);
  }
  const tiers = context.world.tiersFor(endpoint.labels)[hook];
  const decision = askTiers(context, asked, tiers[direction], packet);
  if (decision.effect !== "none") return decision;
  switch (hook) {
    case "normal":
      return askProfiles(context, asked, endpoint.profiles, direction, packet);
    case "forward":
      tell(context, () => "forward: nothing denied it");
      return decide("allow", "forward-default", asked);
    case "untracked":
    case "preDNAT":
      return decision;
  }
}

/**
 * Inbound: protocol and destination port, the net holds the source; outbound: the net holds the destination. In the raw
 * table the reply direction is covered too, by source port.
 * Source: docs/calico.md 11.
 */
function findFailsafe(
  context: Context,
  hook: Hook,
  direction: Direction,
  packet: Packet,
): ReadyFailsafe | undefined {
  const { inbound, outbound } = context.node.settings.failsafes;
  const [own, opposite] = direction === "ingress" ? [inbound, outbound] : [outbound, inbound];
  const peer = direction === "ingress" ? packet.source : packet.destination;
  const fits = (failsafe: ReadyFailsafe, port: number | undefined): boolean =>
    failsafe.port === port &&
    failsafe.protocol === packet.protocol &&
    (failsafe.network === undefined || networkContains(failsafe.network, peer));
  const found = own.find((failsafe) => fits(failsafe, packet.destinationPort));
  if (found !== undefined || hook !== "untracked") return found;
  return opposite.find((failsafe) => fits(failsafe, packet.sourcePort));
}
