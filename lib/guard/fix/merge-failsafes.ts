import type { JsonArray, JsonObject, KubernetesObject } from "../../model/kubernetes-object.ts";
import { formatNetwork, networkContains, parseNetwork, type Network } from "../../address/parse-address.ts";
import { FAILSAFE_FIELDS, parseFailsafes } from "../../policy/felix/felix-settings.ts";
import {
  DEFAULT_FAILSAFES,
  type Failsafe,
  type FailsafeDirection,
} from "../../policy/felix/parse-failsafes.ts";
import { lastingPeers, type EssentialFlow } from "../essential-flows/essential-flow.ts";
import { isAnywhere } from "./allow-rules.ts";

export type FailsafePatch = {
  readonly failsafeInboundHostPorts?: readonly FailsafeEntry[];
  readonly failsafeOutboundHostPorts?: readonly FailsafeEntry[];
};
export type FailsafeEntry = { readonly protocol: string; readonly port: number; readonly net?: string };

/**
 * The failsafe lists of a FelixConfiguration with the entries that essential flows lack: a list replaces the one before
 * it whole, so the user's own entries (or Felix's built-in ones, when the user has none) must be in it too
 * (docs/calico.md 11; docs/needs.md row 3). Only a list that has to change is there.
 * Failsafes know TCP and UDP to a port, at the node's own chains; the rest needs a policy.
 */
export function mergeFailsafes(
  configuration: Pick<KubernetesObject, "spec">,
  flows: readonly EssentialFlow[],
): FailsafePatch {
  const inbound = merged(configuration, "inbound", flows);
  const outbound = merged(configuration, "outbound", flows);
  return {
    ...(inbound === undefined ? {} : { failsafeInboundHostPorts: inbound }),
    ...(outbound === undefined ? {} : { failsafeOutboundHostPorts: outbound }),
  };
}

/** True when a failsafe can keep the flow open. */
export function canBeFailsafe(flow: EssentialFlow): boolean {
  return (
    (flow.protocol === "tcp" || flow.protocol === "udp") &&
    flow.port !== undefined &&
    (flow.direction === "ingress" || flow.direction === "egress")
  );
}

function merged(
  configuration: Pick<KubernetesObject, "spec">,
  direction: FailsafeDirection,
  flows: readonly EssentialFlow[],
) {
  const stored = configuration.spec?.[FAILSAFE_FIELDS[direction]];
  const parsed = parseFailsafes(stored);
  const held = parsed.kind === "list" ? parsed.failsafes : DEFAULT_FAILSAFES[direction];
  const side = direction === "inbound" ? "ingress" : "egress";
  const missing = flows
    .filter((it) => it.direction === side && canBeFailsafe(it))
    .flatMap((it) => entriesFor(it))
    .filter((it) => !held.some((existing) => covers(existing, it)));
  if (missing.length === 0 && (parsed.kind === "list" || parsed.kind === "default")) return undefined;
  const kept = Array.isArray(stored) && parsed.kind === "list" ? userEntries(stored) : held.map(entryOf);
  return [...kept, ...distinct(missing)];
}

/** The user's entries, as they wrote them. */
function userEntries(stored: JsonArray): readonly FailsafeEntry[] {
  return stored.map((it) => it as JsonObject as unknown as FailsafeEntry);
}

/** One entry for each block, or one for all addresses when the real one is not known or may be anywhere. */
function entriesFor(flow: EssentialFlow): readonly Failsafe[] {
  const { protocol, port } = flow;
  if ((protocol !== "tcp" && protocol !== "udp") || port === undefined) return [];
  const nets = lastingPeers(flow).flatMap((it) =>
    it.kind === "every" || it.kind === "one-of" ? it.nets : [""],
  );
  const blocks = isAnywhere(flow) ? [""] : nets.map((it) => (it === "" ? "" : canonical(it)));
  return blocks.map((net) => ({ protocol, port, net }));
}

function canonical(net: string): string {
  const network = parseNetwork(net);
  return network === undefined ? net : formatNetwork(network);
}

function covers(held: Failsafe, wanted: Failsafe): boolean {
  if (held.protocol !== wanted.protocol || held.port !== wanted.port) return false;
  if (held.net === "") return true;
  const [outer, inner] = [parseNetwork(held.net), parseNetwork(wanted.net)];
  return outer !== undefined && inner !== undefined && isInside(outer, inner);
}

function isInside(outer: Network, inner: Network): boolean {
  if (inner.family === 4)
    return (
      networkContains(outer, { family: 4, value: inner.first }) &&
      networkContains(outer, { family: 4, value: inner.last })
    );
  return (
    networkContains(outer, { family: 6, value: inner.first }) &&
    networkContains(outer, { family: 6, value: inner.last })
  );
}

function entryOf({ protocol, port, net }: Failsafe): FailsafeEntry {
  return { protocol, port, ...(net === "" ? {} : { net }) };
}

function distinct(missing: readonly Failsafe[]): readonly FailsafeEntry[] {
  const open = new Set(missing.filter((it) => it.net === "").map((it) => `${it.protocol} ${it.port}`));
  const needed = missing.filter((it) => it.net === "" || !open.has(`${it.protocol} ${it.port}`));
  return [...new Map(needed.map((it) => [`${it.protocol} ${it.port} ${it.net}`, entryOf(it)])).values()];
}
