/**
 * Tells how one node gets its host endpoints, which of them Felix uses, and which policies select it.
 *
 * In: the name of a Node or of a HostEndpoint. Out: an `Explanation`. Writes nothing.
 */
import { ascending } from "../model/ascending.ts";
import type { EndpointTemplate, Settings } from "../config/settings.ts";
import { publicAddressesOf } from "../desired/addresses.ts";
import { buildDesired } from "../desired/build-desired.ts";
import type { CalicoFacts } from "../model/calico-agent.ts";
import type { DesiredNode } from "../model/desired.ts";
import { endpointName } from "../config/endpoint-name.ts";
import { NotFoundError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { NetworkFacts } from "../model/network-facts.ts";
import type { Node } from "../model/node.ts";
import type { PolicyObjects } from "../model/snapshot.ts";
import { OWNER_LABEL } from "../names/names.ts";
import { driftOf } from "../plan/drift.ts";
import { foreignOwner, isOwned } from "../plan/ownership.ts";
import { calicoFacts } from "../policy/agent/calico-facts.ts";
import { evaluateSelector, isSelectorError, parseSelector } from "../policy/selector/parse-selector.ts";
import type { World } from "../policy/world/world.ts";
import type { InstanceReader } from "../ports/aws.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";
import { readClusterState } from "../snapshot/read-cluster-state.ts";
import { readNetworkFacts } from "../snapshot/read-network-facts.ts";
import { settleAddresses } from "../snapshot/settle-addresses.ts";
import { readPolicyObjects } from "../snapshot/read-policy-objects.ts";
import { skippedObjects } from "../world/skipped-objects.ts";
import { worldOf } from "../world/world-of.ts";
import type { ExplainedEndpoint, ExplainedTemplate, Explanation, LabelSource } from "./explanation.ts";
import { explainFlows } from "./explain-flows.ts";
import { judgePrecedence } from "./judge-precedence.ts";
import { listPolicies, noPolicies } from "./list-policies.ts";

export type ExplainPorts = {
  readonly settings: Settings;
  readonly cluster: ClusterReader;
  readonly network?: NetworkReader;
  readonly instances?: InstanceReader;
};

/** What an explanation is made from; the seam for worlds that come from files. */
export type ExplainFacts = {
  readonly node: Node;
  /** All of the cluster; absent: there is only this one. */
  readonly nodes?: readonly Node[];
  /** All of the cluster. */
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly policyObjects: PolicyObjects;
  readonly calico: CalicoFacts;
  readonly network: NetworkFacts;
};

/**
 * Reads the cluster and explains.
 * @throws NotFoundError when neither a Node nor a HostEndpoint has that name.
 */
export async function explain(
  name: string,
  { settings, ...ports }: ExplainPorts,
  signal: AbortSignal,
): Promise<Explanation> {
  const { cluster } = ports;
  const { group, calicoVersion } = await readClusterState(cluster, signal);
  // All nodes, not this one alone: what the others tell of tunnels, and their addresses, decide here too.
  const [hostEndpoints, policyObjects, read] = await Promise.all([
    cluster.listHostEndpoints(group, signal),
    readPolicyObjects(cluster, group, signal),
    cluster.listNodes(signal),
  ]);
  const endpoint = hostEndpoints.find((it) => it.name === name);
  const node = read.find((it) => it.name === name) ?? read.find((it) => it.name === endpoint?.node);
  if (node !== undefined) {
    const asked = { policyObjects, nodes: read, hasNewAddresses: true, always: true };
    const network = await readNetworkFacts(asked, ports, signal);
    const nodes = await settleAddresses(
      {
        nodes: read,
        hostEndpoints,
        described: [],
        complete: true,
        network,
        publicAddresses: publicAddressesOf(settings.endpoints),
      },
      ports.instances,
      signal,
    );
    const settled = nodes.find((it) => it.name === node.name) ?? node;
    const calico = calicoFacts(policyObjects, calicoVersion);
    return explainNode({ node: settled, nodes, hostEndpoints, policyObjects, calico, network }, settings);
  }
  if (endpoint === undefined)
    throw new NotFoundError(`there is neither a Node nor a HostEndpoint called ${name}`);
  throw new NotFoundError(
    `HostEndpoint/${name} is for Node/${endpoint.node}, which does not exist: Felix uses it nowhere, the next reconcile deletes it when it is ours`,
  );
}

/** Pure. */
export function explainNode(
  { node, nodes: all = [node], hostEndpoints, policyObjects, calico, network }: ExplainFacts,
  settings: Settings,
): Explanation {
  const snapshot = { complete: true, nodes: all, hostEndpoints, policyObjects, calico, network };
  const { nodes } = buildDesired({
    scope: { kind: "cluster" },
    nodes: [node],
    templates: settings.endpoints,
    owner: settings.id,
  });
  const desired = nodes[0];
  const wanted = desired === undefined || desired.kind === "unfit" ? [] : desired.endpoints;
  const world = worldOf(snapshot);
  const own = hostEndpoints.filter((it) => it.node === node.name).sort(ascending((it) => it.calicoName));
  const present = own.map((it) => explainEndpoint(it, wanted, node, world, settings));
  const missing = wanted
    .filter((it) => !hostEndpoints.some(({ name }) => name === it.name))
    .map((it) => explainMissing(it, node, settings));
  const skipped = skippedObjects(snapshot, new Set(wanted.map((it) => it.name)));
  return {
    node: node.name,
    templates: settings.endpoints.map((it) => explainTemplate(it, node)),
    hostEndpoints: [...present, ...missing],
    flows: explainFlows(node, snapshot, settings),
    findings: [
      ...findingsOf(desired),
      ...skipped,
      ...world.notes.filter((it) => !skipped.some(({ object }) => object === it.object)).map(noteFinding),
    ],
  };
}

function explainTemplate(template: EndpointTemplate, node: Node): ExplainedTemplate {
  const selector = parseSelector(template.nodes);
  return {
    name: template.name,
    nodes: template.nodes,
    selected: !isSelectorError(selector) && evaluateSelector(selector, node.labels),
    hostEndpoint: endpointName(template.name, node.name, "{interface}"),
  };
}

function explainEndpoint(
  endpoint: HostEndpoint,
  wanted: readonly DesiredHostEndpoint[],
  node: Node,
  world: World,
  settings: Settings,
): ExplainedEndpoint {
  const owned = isOwned(endpoint, settings.id);
  const desired = wanted.find((it) => it.name === endpoint.name);
  const worldNode = world.nodes.get(node.name);
  const known = world.endpoints.get(endpoint.name);
  return {
    name: endpoint.name,
    ...(worldNode === undefined
      ? { effective: false, because: "its node is not known" }
      : judgePrecedence(world, worldNode, endpoint.name)),
    owner: owned ? "ours" : foreignOwner(endpoint),
    state: !owned
      ? "foreign"
      : desired === undefined
        ? "unwanted"
        : driftOf(endpoint, desired).length === 0
          ? "as-desired"
          : "drifted",
    ...shapeOf(endpoint),
    labelSources: sourcesOf(endpoint.labels, node, settings),
    policies: known === undefined ? noPolicies : listPolicies(world, known),
  };
}

function explainMissing(desired: DesiredHostEndpoint, node: Node, settings: Settings): ExplainedEndpoint {
  return {
    name: desired.name,
    effective: false,
    because: "it does not exist yet: a reconcile creates it",
    owner: "ours",
    state: "missing",
    ...shapeOf(desired),
    labelSources: sourcesOf(desired.labels, node, settings),
    policies: noPolicies,
  };
}

function shapeOf({ interfaceName, expectedIPs, profiles, labels }: HostEndpoint | DesiredHostEndpoint) {
  return { interfaceName, expectedIPs, profiles, labels };
}

function sourcesOf(
  labels: HostEndpoint["labels"],
  node: Node,
  settings: Settings,
): ExplainedEndpoint["labelSources"] {
  const set = new Map(settings.endpoints.flatMap((it) => Object.entries(it.labels.set)));
  const sourceOf = (key: string, value: string): LabelSource => {
    if (key === OWNER_LABEL) return "owner";
    if (set.get(key) === value) return "template";
    return node.labels[key] === value ? "node" : "endpoint";
  };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, sourceOf(key, value)]));
}

function findingsOf(desired: DesiredNode | undefined): readonly Finding[] {
  if (desired === undefined || desired.kind === "wanted") return [];
  const word =
    desired.kind === "waiting"
      ? ({ severity: "info", code: desired.reason } as const)
      : ({ severity: "warning", code: desired.reason } as const);
  return [
    {
      ...word,
      object: `Node/${desired.node}`,
      message: `the node is ${desired.kind}: ${desired.detail}`,
      fix: "",
    },
  ];
}

function noteFinding({ object, message }: World["notes"][number]): Finding {
  return { severity: "warning", code: "ignored-by-felix", object, message, fix: "" };
}
