import type { Hook } from "../../model/verdict.ts";
import type { Endpoint } from "../world/endpoint.ts";
import { NO_OPINION, decide, tell, type Context, type Decision } from "./decision.ts";
import type { Packet } from "./packet.ts";
import { specificEndpoint, type Interface, type Resolution } from "./resolve-endpoint.ts";
import { runChain } from "./run-chain.ts";

/**
 * Which endpoint answers for an interface in each hook, and what its chain says.
 * Source: docs/calico.md 8, table "Per-hook fallback".
 */

/** Untracked policy of the interface's own endpoint. A `*` endpoint has none: Felix ignores it there. */
export function askUntracked(
  context: Context,
  on: Interface,
  direction: "ingress" | "egress",
  packet: Packet,
): Decision {
  const own = specificEndpoint(context.node, on);
  if (own.kind === "endpoint") {
    const { endpoint } = own;
    if (context.world.tiersFor(endpoint.labels).untracked[direction].length === 0) return NO_OPINION;
    return runChain(context, endpoint, "untracked", direction, packet);
  }
  return own.kind === "unknown" ? interfaceUnknown(context) : NO_OPINION;
}

/** preDNAT policy of the interface's own endpoint; when that has none, of the `*` endpoint, for pods' interfaces too. */
export function askPreDnat(context: Context, on: Interface, packet: Packet): Decision {
  const own = specificEndpoint(context.node, on);
  if (own.kind === "unknown") return interfaceUnknown(context);
  const candidates =
    own.kind === "endpoint" ? [own.endpoint, context.node.wildcard] : [context.node.wildcard];
  const endpoint = candidates.find(
    (candidate) => candidate !== undefined && hasPolicies(context, candidate, "preDNAT"),
  );
  if (endpoint === undefined) return NO_OPINION;
  const decision = runChain(context, endpoint, "preDNAT", "ingress", packet);
  const { ingress, egress } = context.world.tiersFor(endpoint.labels).preDNAT;
  // When none of its policies may be there, the other endpoint is asked instead.
  return decision.effect === "none" && [...ingress, ...egress].every((tier) => tier.inDoubt)
    ? decide("unknown", "unknown-selector", { hook: "preDNAT", hostEndpoint: endpoint.storedName })
    : decision;
}

/** Forward policy of the interface's own endpoint, else of the `*` endpoint, for pods' interfaces too. */
export function askForward(
  context: Context,
  on: Interface,
  direction: "ingress" | "egress",
  packet: Packet,
): Decision {
  return askOwnOrWildcard(context, on, "forward", direction, packet);
}

/** Normal policy of the interface's own endpoint, else of the `*` endpoint; without either the host is not governed. */
export function askNormal(
  context: Context,
  on: Interface,
  direction: "ingress" | "egress",
  packet: Packet,
): Decision {
  const decision = askOwnOrWildcard(context, on, "normal", direction, packet);
  if (decision.effect !== "none") return decision;
  tell(context, () => `no HostEndpoint governs interface ${on.name ?? "(main)"}: Calico has no opinion`);
  return decide("allow", "not-governed");
}

function askOwnOrWildcard(
  context: Context,
  on: Interface,
  hook: Hook,
  direction: "ingress" | "egress",
  packet: Packet,
): Decision {
  const own = specificEndpoint(context.node, on);
  if (own.kind === "unknown") return interfaceUnknown(context);
  const endpoint = ownOrWildcard(own, context.node.wildcard);
  return endpoint === undefined ? NO_OPINION : runChain(context, endpoint, hook, direction, packet);
}

function ownOrWildcard(own: Resolution, wildcard: Endpoint | undefined): Endpoint | undefined {
  return own.kind === "endpoint" ? own.endpoint : wildcard;
}

function hasPolicies(context: Context, endpoint: Endpoint, hook: Hook): boolean {
  const tiers = context.world.tiersFor(endpoint.labels)[hook];
  return tiers.ingress.length > 0 || tiers.egress.length > 0;
}

function interfaceUnknown(context: Context): Decision {
  tell(
    context,
    () =>
      "which HostEndpoint governs the interface is not known: the node does not say which interfaces it has",
  );
  return decide("unknown", "unknown-interface");
}
