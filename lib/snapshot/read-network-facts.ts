/**
 * What the snapshot knows of the network around the nodes.
 *
 * In: what the policies ask for. Out: facts, each of them optional. Addresses cost requests, and decide nothing while no rule
 * and no failsafe looks at an address; so they are read only then (or when a person wants to see them).
 * Must never happen: an address that is made up. What cannot be read is left out, and the guard assumes the widest.
 */
import { DeniedError, NotFoundError } from "../model/errors.ts";
import type { JsonObject, JsonValue } from "../model/kubernetes-object.ts";
import type { ApiServer, NetworkFacts } from "../model/network-facts.ts";
import { mayServeApi, type Node } from "../model/node.ts";
import { arrayAt, isJsonObject, numberAt, stringsAt } from "../model/read-json.ts";
import type { PolicyObjects } from "../model/snapshot.ts";
import { calicoFacts } from "../policy/agent/calico-facts.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";

/** The API server keeps this object about itself; its name and namespace are fixed by Kubernetes. */
const API_SERVERS = {
  groupVersion: "discovery.k8s.io/v1",
  resource: "endpointslices",
  namespace: "default",
};

/** The block of the Services; the API server keeps this object itself (Kubernetes 1.33, on by default since then). */
const SERVICE_BLOCKS = { groupVersion: "networking.k8s.io/v1", resource: "servicecidrs" };

export type NetworkFactsRequest = {
  readonly policyObjects: PolicyObjects;
  readonly nodes: readonly Node[];
  /** Some Node lists an address that its endpoint does not have yet. */
  readonly hasNewAddresses: boolean;
  /** Reads addresses even when no rule asks for them. */
  readonly always: boolean;
};

export async function readNetworkFacts(
  { policyObjects, nodes, hasNewAddresses, always }: NetworkFactsRequest,
  ports: { readonly cluster: ClusterReader; readonly network?: NetworkReader },
  signal: AbortSignal,
): Promise<NetworkFacts> {
  const addresses = always || asksForAddresses(policyObjects);
  const around = await ports.network?.read({ addresses }, signal);
  const [apiServers, serviceCidrs] = await Promise.all([
    // Beside EKS the port may be another one than 443, and a node may serve it.
    addresses || hasNewAddresses || nodes.some(mayServeApi)
      ? readApiServers(ports.cluster, signal)
      : undefined,
    hasNewAddresses && around?.serviceCidrs === undefined
      ? readServiceBlocks(ports.cluster, signal)
      : undefined,
  ]);
  return {
    ...around,
    ...(apiServers === undefined ? {} : { apiServers }),
    ...(serviceCidrs === undefined ? {} : { serviceCidrs }),
  };
}

/** True when some rule names a peer, or a failsafe is limited to a net. */
export function asksForAddresses(policyObjects: PolicyObjects): boolean {
  return (
    policyObjects.globalNetworkPolicies.some(({ spec }) =>
      [...arrayAt(spec, "ingress"), ...arrayAt(spec, "egress")]
        .filter(isJsonObject)
        .some((rule) =>
          ["source", "destination"].some((side) => hasKeyBeside(rule[side], ["ports", "notPorts"])),
        ),
    ) ||
    policyObjects.felixConfigurations.some(({ spec }) =>
      ["failsafeInboundHostPorts", "failsafeOutboundHostPorts"].some((list) =>
        arrayAt(spec, list).some((it) => hasKeyBeside(it, ["protocol", "port"])),
      ),
    ) ||
    // Felix's string form may hold nets; nobody sets it without meaning to.
    calicoFacts(policyObjects).agents.some(({ variables: { values, unreadable, sources } }) =>
      [...Object.keys(values), ...unreadable, ...sources.map(() => "FELIX_FAILSAFE")].some((it) =>
        it.startsWith("FELIX_FAILSAFE"),
      ),
    )
  );
}

async function readApiServers(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly ApiServer[] | undefined> {
  const slice = await readIfAllowed(() => cluster.getObject(API_SERVERS, "kubernetes", signal));
  return slice === undefined ? undefined : apiServersOf({ ...slice });
}

async function readServiceBlocks(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const blocks = await readIfAllowed(() => cluster.getObject(SERVICE_BLOCKS, "kubernetes", signal));
  return blocks === undefined ? undefined : stringsAt(blocks.spec, "cidrs");
}

/** Undefined for a role from before this was read, and for a server without such objects. */
async function readIfAllowed<Found>(read: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DeniedError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** An EndpointSlice keeps `endpoints` and `ports` beside its metadata. Undefined when it names none. */
function apiServersOf(slice: JsonObject): readonly ApiServer[] | undefined {
  const ports = arrayAt(slice, "ports")
    .filter(isJsonObject)
    .flatMap((it) => numberAt(it, "port") ?? []);
  const addresses = arrayAt(slice, "endpoints")
    .filter(isJsonObject)
    .flatMap((it) => stringsAt(it, "addresses"));
  const found = [...new Set(addresses)]
    .sort()
    .flatMap((address) => ports.map((port): ApiServer => ({ address, port })));
  return found.length === 0 ? undefined : found;
}

function hasKeyBeside(value: JsonValue | undefined, keys: readonly string[]): boolean {
  return isJsonObject(value) && Object.keys(value).some((it) => !keys.includes(it));
}
