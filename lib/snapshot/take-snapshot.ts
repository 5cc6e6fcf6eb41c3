/**
 * Reads the world that a scope needs, whole or not at all.
 *
 * In: a scope and gateways. Out: a `Snapshot`. Throws when anything could not be read; nothing later runs then.
 * Must never happen: a partial list, or host endpoints read after the nodes (a node that joins in between would look
 * like the missing node of an orphan).
 *
 * A scope of a few nodes asks for these nodes only: no request grows with the cluster, but where a new address could be another
 * node's and EC2 cannot be asked. A scope of many instances, of an instance
 * that EC2 no longer describes, or of one whose Node has a name that nobody can foretell, costs one list, whatever their number;
 * and none where an earlier look has seen that machine (`names`).
 */
import { endpointName, namesInterfaces } from "../config/endpoint-name.ts";
import { ascending } from "../model/ascending.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Instance } from "../model/instance.ts";
import type { Node } from "../model/node.ts";
import type { Scope } from "../model/scope.ts";
import type { ResolvedInstance, Snapshot } from "../model/snapshot.ts";
import { AUTO_HOST_ENDPOINT_SUFFIX } from "../names/names.ts";
import { calicoFacts } from "../policy/agent/calico-facts.ts";
import type { InstanceReader } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";
import type { NodeNames } from "../ports/node-names.ts";
import { readClusterState } from "./read-cluster-state.ts";
import { readDepartures } from "./read-departures.ts";
import { readHealth, type HealthRequest } from "./read-health.ts";
import { readNetworkFacts } from "./read-network-facts.ts";
import { readPolicyObjects } from "./read-policy-objects.ts";
import { hasNewAddresses, needsAllNodes, settleAddresses } from "./settle-addresses.ts";
import { candidateNames, instanceIdOf, isOtherCluster, resolveInstance } from "./resolve-instances.ts";

export type SnapshotPorts = {
  readonly cluster: ClusterReader;
  readonly instances?: InstanceReader;
  readonly network?: NetworkReader;
  readonly names?: NodeNames;
  readonly clock: Clock;
};

export type SnapshotRequest = {
  readonly scope: Scope;
  /** Name patterns of the templates: where a node's endpoints would be. */
  readonly namePatterns: readonly string[];
  /** Whether a template wants public addresses; absent: `unused`, nobody writes endpoints. */
  readonly publicAddresses?: "wanted" | "unused";
  /** Name of the EKS cluster, to drop the instances of others cheaply. */
  readonly clusterName?: string;
  /** Reads the addresses of the network and network sets even when no rule asks for them: for those who write policies. */
  readonly allAddresses?: boolean;
  /** Reads all nodes and endpoints, whatever the scope: for those who count. */
  readonly whole?: boolean;
  /** Looks after the canaries that are on trial. */
  readonly canary?: HealthRequest;
};

/** From here on one list is cheaper than a GET for each name. */
const MOST_SINGLE_READS = 20;

export async function takeSnapshot(
  request: SnapshotRequest,
  ports: SnapshotPorts,
  signal: AbortSignal,
): Promise<Snapshot> {
  const described = await describe(request.scope, ports.instances, signal);
  const { group, state, calicoVersion } = await readClusterState(ports.cluster, signal);
  const always = request.allAddresses === true;
  const [policyObjects, world] = await Promise.all([
    readPolicyObjects(ports.cluster, group, signal, always ? "always" : "as-needed"),
    readWorld(request, described, state.autoHostEndpoints, ports, group, signal),
  ]);
  // Never this machine's own clock where the API server tells: a rollout's marks are read by whoever runs next.
  const takenAt = new Date(ports.cluster.serverTime() ?? ports.clock.now()).toISOString();
  const [network, health, goneInstances] = await Promise.all([
    readNetworkFacts(
      { policyObjects, nodes: world.nodes, hasNewAddresses: hasNewAddresses(world), always },
      ports,
      signal,
    ),
    request.canary === undefined
      ? undefined
      : readHealth(request.canary, world.hostEndpoints, ports.cluster, signal),
    readDepartures(world, ports.instances, signal),
  ]);
  const nodes = await settleAddresses(
    {
      ...world,
      network,
      described: described.flatMap(([, instance]) => instance ?? []),
      publicAddresses: request.publicAddresses ?? "unused",
    },
    ports.instances,
    signal,
  );
  const instances = described.map(([id, instance]) =>
    resolveInstance(id, instance, world, request.clusterName),
  );
  return {
    scope: scopeWith(request.scope, instances),
    group,
    complete: world.complete,
    nodes,
    absentNodes: world.absentNodes,
    hostEndpoints: world.hostEndpoints,
    cluster: state,
    policyObjects,
    calico: calicoFacts(policyObjects, calicoVersion),
    network,
    ...(health === undefined ? {} : { health }),
    instances,
    goneInstances,
    takenAt,
  };
}

type Described = readonly (readonly [string, Instance | undefined])[];

async function describe(
  scope: Scope,
  reader: InstanceReader | undefined,
  signal: AbortSignal,
): Promise<Described> {
  const ids = scope.instances ?? [];
  if (ids.length === 0) return [];
  const found = (await reader?.describeInstances(ids, signal)) ?? [];
  const byId = new Map(found.map((it) => [it.instanceId, it]));
  return ids.map((id) => [id, byId.get(id)] as const);
}

type World = {
  readonly complete: boolean;
  readonly nodes: readonly Node[];
  readonly absentNodes: readonly string[];
  readonly hostEndpoints: readonly HostEndpoint[];
};

async function readWorld(
  request: SnapshotRequest,
  described: Described,
  autoHostEndpoints: boolean,
  { cluster, names, instances }: Pick<SnapshotPorts, "cluster" | "names" | "instances">,
  group: CalicoGroup,
  signal: AbortSignal,
): Promise<World> {
  if (request.scope.kind === "cluster") return readAll([], cluster, group, signal);
  const ours = described.filter(
    ([, instance]) => instance === undefined || !isOtherCluster(instance, request.clusterName),
  );
  const nameless = ours.some(
    ([id, instance]) =>
      names?.nameOf(id) === undefined && (instance === undefined || instance.privateDnsName === ""),
  );
  const targets: readonly Target[] = [
    ...request.scope.nodes.map((it) => ({ names: [it] })),
    ...ours.map(([id, instance]) => ({ names: namesToTry(id, instance, names), instanceId: id })),
  ];
  // Endpoints are read before Nodes; what they are called is known before only where no interface is part of it.
  const open = request.namePatterns.some(namesInterfaces);
  if (request.whole === true || nameless || open || targets.length > MOST_SINGLE_READS)
    return readAll(request.scope.nodes, cluster, group, signal);
  const patterns = autoHostEndpoints
    ? [...request.namePatterns, `{node}${AUTO_HOST_ENDPOINT_SUFFIX}`]
    : request.namePatterns;
  const found = merge(
    await Promise.all(targets.map((it) => readTarget(it, patterns, cluster, group, signal))),
  );
  const registered = new Set(found.nodes.map((it) => instanceIdOf(it.providerId)));
  const isMissed = ours.some(([id, instance]) => instance?.state === "running" && !registered.has(id));
  const isMissing = isMissed && names !== undefined && !names.arePredictable();
  return isMissing || needsAllNodes(found, instances)
    ? readAll(request.scope.nodes, cluster, group, signal)
    : found;
}

/** The name that was seen first, then those that EC2 lets us foretell. */
function namesToTry(
  instanceId: string,
  instance: Instance | undefined,
  names: NodeNames | undefined,
): readonly string[] {
  const seen = names?.nameOf(instanceId);
  return [
    ...new Set([
      ...(seen === undefined ? [] : [seen]),
      ...(instance === undefined ? [] : candidateNames(instance)),
    ]),
  ];
}

/** A Node that is looked for: under its name, or under the names that an instance's Node may have. */
type Target = { readonly names: readonly string[]; readonly instanceId?: string };

async function readAll(
  wanted: readonly string[],
  cluster: ClusterReader,
  group: CalicoGroup,
  signal: AbortSignal,
): Promise<World> {
  const hostEndpoints = await cluster.listHostEndpoints(group, signal);
  const nodes = await cluster.listNodes(signal);
  const present = new Set(nodes.map((it) => it.name));
  const absent = new Set([...wanted, ...hostEndpoints.map((it) => it.node)].filter((it) => !present.has(it)));
  return { complete: true, nodes, absentNodes: [...absent].sort(), hostEndpoints };
}

/** Goes on to the next name only when the Node of the one before does not exist, or is another machine. */
async function readTarget(
  target: Target,
  patterns: readonly string[],
  cluster: ClusterReader,
  group: CalicoGroup,
  signal: AbortSignal,
): Promise<World> {
  const read: World[] = [];
  for (const name of target.names) {
    const endpoints = await Promise.all(
      patterns.map((it) => cluster.getHostEndpoint(group, endpointName(it, name), signal)),
    );
    const node = await cluster.getNode(name, signal);
    read.push({
      complete: false,
      nodes: node === undefined ? [] : [node],
      absentNodes: node === undefined ? [name] : [],
      hostEndpoints: endpoints.filter((it) => it !== undefined),
    });
    if (
      node !== undefined &&
      (target.instanceId === undefined || instanceIdOf(node.providerId) === target.instanceId)
    )
      break;
  }
  return merge(read);
}

function merge(worlds: readonly World[]): World {
  return {
    complete: false,
    nodes: distinctByName(worlds.flatMap((it) => it.nodes)),
    absentNodes: [...new Set(worlds.flatMap((it) => it.absentNodes))].sort(),
    hostEndpoints: distinctByName(worlds.flatMap((it) => it.hostEndpoints)),
  };
}

function distinctByName<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  const byName = new Map(items.map((it) => [it.name, it]));
  return [...byName.values()].sort(ascending((it) => it.name));
}

/** The scope by node name, once the instances are found. */
function scopeWith(scope: Scope, instances: readonly ResolvedInstance[]): Scope {
  if (scope.kind === "cluster") return scope;
  const found = instances.flatMap((it) =>
    it.node === undefined || it.kind === "other-cluster" ? [] : [it.node],
  );
  const candidates = instances.flatMap((it) =>
    it.kind === "gone" && it.node === undefined && it.instance !== undefined
      ? candidateNames(it.instance)
      : [],
  );
  return {
    kind: "nodes",
    nodes: [...new Set([...scope.nodes, ...found, ...candidates])].sort(),
    instances: scope.instances,
  };
}
