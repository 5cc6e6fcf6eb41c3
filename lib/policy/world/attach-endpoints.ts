import { ascending } from "../../model/ascending.ts";
import { buildAddressSet, type AddressSet } from "../../address/address-set.ts";
import { networkOf } from "../../address/parse-address.ts";
import { felixSourcesFor, resolveFelixSettings, type FelixSettings } from "../felix/felix-settings.ts";
import type { Labels } from "../selector/parse-selector.ts";
import { compareEndpoints, compileEndpoint, type Endpoint, type EndpointFields } from "./endpoint.ts";
import { labelSignature, newMembers } from "./members.ts";
import { unreadMembers } from "./unread-members.ts";
import { newNarrowing } from "./narrow-policies.ts";
import type { NodeFacts } from "./node-facts.ts";
import { arrangePolicies, selectPolicies } from "./select-policies.ts";
import type { CompiledPolicies, HookTiers, IgnoredEndpoint, Note, World, WorldNode } from "./world.ts";

/**
 * Puts nodes and HostEndpoints under compiled policies. Cheap next to compiling: a guard asks the same policies about
 * the endpoints before and after a plan.
 * Source: docs/calico.md 8 (a HostEndpoint belongs to the node it names), 3 (labels), 11 (configuration per node).
 */
export function attachEndpoints(
  policies: CompiledPolicies,
  given: { readonly endpoints: readonly EndpointFields[]; readonly nodes: readonly NodeFacts[] },
): World {
  const world = attachToReading(policies, given);
  return policies.otherReadings.length === 0
    ? world
    : { ...world, otherReadings: policies.otherReadings.map((it) => attachToReading(it, given)) };
}

function attachToReading(
  policies: CompiledPolicies,
  given: { readonly endpoints: readonly EndpointFields[]; readonly nodes: readonly NodeFacts[] },
): World {
  const ignored: IgnoredEndpoint[] = [];
  const endpoints = keepEndpoints(policies, given.endpoints, ignored);
  const byNode = Map.groupBy(endpoints, (endpoint) => endpoint.node);
  const settingsOf = settingsCache(policies);
  const nodes = new Map<string, WorldNode>();
  for (const facts of given.nodes) {
    const own = (byNode.get(facts.name) ?? []).sort(compareEndpoints);
    nodes.set(facts.name, {
      facts,
      settings: settingsOf(facts),
      endpoints: own.filter((endpoint) => endpoint.interfaceName !== "*"),
      wildcard: own.find((endpoint) => endpoint.interfaceName === "*"),
    });
  }
  const members = newMembers(policies.sets, [endpoints, policies.pods, policies.networkSets]);
  return {
    policies,
    otherReadings: [],
    nodes,
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.storedName, endpoint])),
    tiersFor: arrangementCache(policies),
    narrow: newNarrowing(),
    members: members.addresses,
    portMembers: members.ports,
    mayHaveUnread: unreadMembers(policies),
    tunnelPeers: tunnelPeers(given.nodes),
    ignoredEndpoints: ignored,
    notes: [
      ...policies.notes,
      ...ignored.map(({ name, because }): Note => ({ object: `HostEndpoint/${name}`, message: because })),
    ],
  };
}

/**
 * One arrangement per distinct set of selecting policies: a selector over the host name makes every node's labels
 * distinct, but hardly ever what selects them. The label map itself is remembered so that this is worked out once.
 */
function arrangementCache(policies: CompiledPolicies): World["tiersFor"] {
  const byLabels = new WeakMap<Labels, HookTiers>();
  const bySignature = new Map<string, HookTiers>();
  const bySelection = new Map<string, HookTiers>();
  return (labels) => {
    const known = byLabels.get(labels);
    if (known !== undefined) return known;
    const signature = labelSignature(labels, policies.policyLabelNames);
    const tiers = bySignature.get(signature) ?? arrangeOnce(policies, labels, bySelection);
    bySignature.set(signature, tiers);
    byLabels.set(labels, tiers);
    return tiers;
  };
}

function arrangeOnce(policies: CompiledPolicies, labels: Labels, known: Map<string, HookTiers>): HookTiers {
  const selected = selectPolicies(policies.tiers, labels);
  const key = selected.map((tier) => tier.numbers.join(",")).join(";");
  const tiers = known.get(key) ?? arrangePolicies(selected);
  known.set(key, tiers);
  return tiers;
}

/** VXLAN peers are the nodes that have a VXLAN interface. Source: docs/calico.md 12. */
function tunnelPeers(nodes: readonly NodeFacts[]): World["tunnelPeers"] {
  const known = new Map<string, AddressSet>();
  return (kind) => {
    const peers =
      known.get(kind) ??
      buildAddressSet(
        nodes
          .filter((node) => kind === "IP-in-IP" || node.interfaces.has("vxlan.calico"))
          .flatMap((node) => (node.tunnelPeer === undefined ? [] : [networkOf(node.tunnelPeer)])),
      );
    known.set(kind, peers);
    return peers;
  };
}

/** Drops what Felix drops. Of two endpoints of one name on a node the second is swallowed (docs/calico.md 0 item 10). */
function keepEndpoints(
  policies: CompiledPolicies,
  given: readonly EndpointFields[],
  ignored: IgnoredEndpoint[],
): Endpoint[] {
  const kept = new Map<string, Endpoint>();
  for (const fields of given.toSorted(ascending((it) => it.storedName))) {
    const about = { name: fields.storedName, node: fields.node };
    const compiled = compileEndpoint(fields, policies.profiles, policies.rules);
    if ("ignored" in compiled) {
      ignored.push({ ...about, because: compiled.ignored });
      continue;
    }
    const key = `${fields.node} ${fields.name}`;
    const first = kept.get(key);
    if (first !== undefined)
      ignored.push({
        ...about,
        because: `swallowed: ${first.storedName} has the same Calico name ${fields.name} on node ${fields.node}`,
      });
    else kept.set(key, compiled.endpoint);
  }
  return [...kept.values()];
}

/** Nearly all nodes share one configuration: it is resolved once per distinct set of sources. */
function settingsCache(policies: CompiledPolicies): (facts: NodeFacts) => FelixSettings {
  const known = new Map<string, FelixSettings>();
  return (facts) => {
    const environment = policies.felixEnvironments.of(facts.placed);
    const sources = [
      ...(environment === undefined ? [] : [environment]),
      ...felixSourcesFor(policies.felixSources, facts),
    ];
    const key = sources.map((source) => source.name).join(" ");
    const settings = known.get(key) ?? resolveFelixSettings(sources, policies);
    known.set(key, settings);
    return settings;
  };
}
