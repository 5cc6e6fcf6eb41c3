import type { ReadyFailsafe } from "../../policy/felix/felix-settings.ts";
import type { CompiledRule } from "../../policy/rules/compile-rule.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import type { Endpoint } from "../../policy/world/endpoint.ts";
import type { TierPolicies } from "../../policy/world/tier-policies.ts";
import type { World } from "../../policy/world/world.ts";
import { collectCriteria, type Criteria } from "../proof/flow-criteria.ts";
import type { TrafficDirection } from "./traffic.ts";

/** A rule that a flow of the direction can meet, and at which end of it the other side stands. */
type MetRule = { readonly rule: CompiledRule; readonly peerIs: "source" | "destination" | "either" };

/** What can decide about a direction of one node's traffic, in one world. */
export type DecidingRules = {
  readonly rules: readonly CompiledRule[];
  readonly failsafes: readonly ReadyFailsafe[];
  /** UDP ports of tunnels, for which Felix has rules of its own. */
  readonly tunnelPorts: readonly number[];
  /** What is asked of the other side's address. */
  readonly peer: Criteria;
  /** What is asked of the node's own address. */
  readonly local: Criteria;
};

/** Rules of policies that select the node's endpoints, of their profiles, and failsafes: nothing else decides (docs/calico.md 5). */
export function decidingRules(world: World, node: string, direction: TrafficDirection): DecidingRules {
  const readings = everyReading(world);
  const met = readings.flatMap((it) => metRules(it, node, direction));
  const peer = collectCriteria();
  const local = collectCriteria();
  for (const { rule, peerIs } of met) {
    if (peerIs !== "destination") peer.add(rule.source);
    if (peerIs !== "source") peer.add(rule.destination);
    if (peerIs !== "source") local.add(rule.source);
    if (peerIs !== "destination") local.add(rule.destination);
  }
  const settings = readings.flatMap((it) => it.nodes.get(node)?.settings ?? []);
  const failsafes = settings.flatMap((it) => [...it.failsafes.inbound, ...it.failsafes.outbound]);
  for (const { network } of failsafes) if (network !== undefined) peer.addNetwork(network);
  for (const it of settings.flatMap(({ externalNodes }) => externalNodes)) peer.addNetwork(it);
  return {
    rules: [...new Set(met.map((it) => it.rule))],
    failsafes,
    tunnelPorts: settings
      .flatMap((it) => [it.vxlanPort, it.wireguardPorts.four, it.wireguardPorts.six, it.bpfWireguardPort])
      .filter((it) => it !== undefined),
    peer: peer.done(true),
    local: local.done(false),
  };
}

function metRules(world: World, name: string, direction: TrafficDirection): readonly MetRule[] {
  const node = world.nodes.get(name);
  if (node === undefined) return [];
  const endpoints = node.wildcard === undefined ? node.endpoints : [...node.endpoints, node.wildcard];
  return endpoints.flatMap((it) => [
    ...policyRules(world, it, direction),
    ...profileRules(world, it, direction),
  ]);
}

function policyRules(world: World, { labels }: Endpoint, direction: TrafficDirection): readonly MetRule[] {
  const { untracked, preDNAT, forward, normal } = world.tiersFor(labels);
  const either = [...untracked.ingress, ...untracked.egress];
  switch (direction) {
    case "ingress":
      return [...rulesOf(either, "either"), ...rulesOf([...preDNAT.ingress, ...normal.ingress], "source")];
    case "egress":
      return [...rulesOf(either, "either"), ...rulesOf(normal.egress, "destination")];
    case "to-pods":
    case "from-pods":
    case "to-services":
      return rulesOf([...either, ...preDNAT.ingress, ...forward.ingress, ...forward.egress], "either");
  }
}

/** Untracked chains see answers too, where the ends are the other way round: there the peer is either. */
function rulesOf(tiers: readonly TierPolicies[], peerIs: MetRule["peerIs"]): readonly MetRule[] {
  return tiers.flatMap(({ policies }) =>
    policies.flatMap(({ rules }) => rules.map(({ rule }) => ({ rule, peerIs }))),
  );
}

function profileRules(world: World, { profiles }: Endpoint, direction: TrafficDirection): readonly MetRule[] {
  if (direction !== "ingress" && direction !== "egress") return [];
  const peerIs = direction === "ingress" ? "source" : "destination";
  return profiles.flatMap((it) =>
    (world.policies.profiles.get(it)?.[direction] ?? []).map((rule) => ({ rule, peerIs })),
  );
}
