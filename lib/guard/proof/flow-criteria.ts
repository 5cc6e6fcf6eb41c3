import { addressSetKey, buildAddressSet, type AddressSet } from "../../address/address-set.ts";
import type { Network } from "../../address/parse-address.ts";
import type { CompiledEnd, CompiledRule } from "../../policy/rules/compile-rule.ts";
import { UDP, protocolNumberOf } from "../../policy/rules/protocol.ts";
import type { FelixSettings } from "../../policy/felix/felix-settings.ts";
import type { CompiledPolicies } from "../../policy/world/world.ts";
import type { Policy } from "../../policy/world/policy.ts";
import { isForwarded, type EssentialFlow } from "../essential-flows/essential-flow.ts";

/** What rules and failsafes ask about one address of a flow. */
export type Criteria = {
  readonly nets: readonly AddressSet[];
  /** Numbers of address sets and named-port sets. */
  readonly sets: readonly number[];
  /** Whether the address is one that sends Calico's tunnel packets. */
  readonly tunnels: boolean;
};

/** What a flow's own address and its peer's are asked about, in any policy that could be met. */
export type FlowCriteria = { readonly local: Criteria; readonly peer: Criteria };

/** Rules that can never match the flow's protocol or port ask nothing. */
export function flowCriteria(
  policies: CompiledPolicies,
  settings: readonly FelixSettings[],
  flow: EssentialFlow,
): FlowCriteria {
  const local = collectCriteria();
  const peer = collectCriteria();
  const protocol = protocolNumberOf(flow.protocol);
  const { tiers: own, otherReadings } = policies;
  for (const tier of [own, ...otherReadings.map((it) => it.tiers)].flat())
    for (const policy of tier.policies) {
      if (policy.staged) continue;
      for (const direction of ["ingress", "egress"] as const) {
        const isUntracked = policy.class === "untracked";
        if (!isUntracked && !canMeet(policy, direction, flow)) continue;
        for (const rule of policy[direction]) {
          // Untracked chains see answers too, where ports and ends are the other way round.
          if (!isUntracked && !couldMatch(rule, protocol, flow.port)) continue;
          const isBoth = isUntracked || flow.direction === "local" || isForwarded(flow);
          const source = isBoth ? [local, peer] : [direction === "ingress" ? peer : local];
          const destination = isBoth ? [local, peer] : [direction === "ingress" ? local : peer];
          for (const it of source) it.add(rule.source);
          for (const it of destination) it.add(rule.destination);
        }
      }
    }
  for (const profile of policies.profiles.values())
    for (const rule of [...profile.ingress, ...profile.egress])
      for (const it of [local, peer]) {
        it.add(rule.source);
        it.add(rule.destination);
      }
  for (const { failsafes, externalNodes } of settings) {
    for (const failsafe of [...failsafes.inbound, ...failsafes.outbound])
      if (failsafe.network !== undefined && failsafe.protocol === protocol) peer.addNetwork(failsafe.network);
    for (const network of externalNodes) peer.addNetwork(network);
  }
  const tunnels = protocol === UDP || flow.protocol === 4;
  return { local: local.done(false), peer: peer.done(tunnels) };
}

function canMeet(policy: Policy, direction: "ingress" | "egress", flow: EssentialFlow): boolean {
  if (isForwarded(flow)) return policy.class === "preDNAT" || policy.applyOnForward;
  return flow.direction === "local" || flow.direction === direction;
}

function couldMatch(rule: CompiledRule, protocol: number | undefined, port: number | undefined): boolean {
  if (rule.action === "log") return false;
  if (rule.protocol !== undefined && rule.protocol !== protocol) return false;
  if (rule.notProtocol !== undefined && rule.notProtocol === protocol) return false;
  const { ports } = rule.destination;
  if (ports === undefined || ports.sets.length > 0 || port === undefined) return true;
  return ports.ranges.some((range) => port >= range.first && port <= range.last);
}

/** Gathers what ends of rules ask about an address; the same question once. */
export function collectCriteria() {
  const nets = new Map<string, AddressSet>();
  const sets = new Set<number>();
  const addNets = (set: AddressSet | undefined) => {
    if (set !== undefined) nets.set(addressSetKey(set), set);
  };
  return {
    add: (end: CompiledEnd) => {
      addNets(end.nets);
      addNets(end.notNets);
      for (const it of [
        end.selectorSet,
        end.notSelectorSet,
        ...(end.ports?.sets ?? []),
        ...(end.notPorts?.sets ?? []),
      ])
        if (it !== undefined) sets.add(it);
    },
    addNetwork: (network: Network) => {
      addNets(buildAddressSet([network]));
    },
    done: (tunnels: boolean): Criteria => ({
      nets: [...nets.values()],
      sets: [...sets].sort((a, b) => a - b),
      tunnels,
    }),
  };
}
