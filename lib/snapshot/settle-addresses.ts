/**
 * Settles which addresses are an EC2 node's own, where its Node leaves it open: it lists several of a family, or another one
 * than its endpoint has, and neither the kubelet was told one of them nor does the name spell it; or what the kubelet was told or
 * the name spells is none that the Node lists; or the kubelet was told one of several, which its endpoint has not yet. EC2
 * decides then: the primary addresses of the primary network interface (docs/needs.md row 8, scenario 17; docs/aws.md 5).
 *
 * An address that several nodes list is one node's: see lib/address/contested-addresses.ts. What is no node's, and a public address
 * that EC2 does not confirm: see lib/address/refused-addresses.ts.
 *
 * In: nodes, endpoints, what EC2 has said already. Out: the same nodes; those that were in doubt bear `primaryAddresses`.
 * Must never happen: an endpoint that follows a status which flaps to a pod's address. Where nobody can be asked, what the
 * endpoint has stays for as long as the Node lists it. In the steady state nobody is asked.
 */
import { DeniedError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Instance } from "../model/instance.ts";
import type { NetworkFacts } from "../model/network-facts.ts";
import { PROVIDED_NODE_IP, type Node } from "../model/node.ts";
import { NODE_UID_ANNOTATION } from "../names/names.ts";
import { contestants, withoutContested } from "../address/contested-addresses.ts";
import { claimedAddresses, spelledAddresses, spells, toldAddresses } from "../address/claimed-addresses.ts";
import type { Reserved } from "../address/forbidden-address.ts";
import { formatAddress, parseAddress, parseCidr } from "../address/parse-address.ts";
import { withoutRefused } from "../address/refused-addresses.ts";
import type { InstanceReader } from "../ports/aws.ts";
import { instanceIdOf } from "./resolve-instances.ts";

export type UnsettledWorld = {
  readonly nodes: readonly Node[];
  readonly hostEndpoints: readonly HostEndpoint[];
  /** Instances that were described for other reasons. */
  readonly described: readonly Instance[];
  /** False when other nodes were not read: whether one of them has an address, too, only EC2 can tell. */
  readonly complete: boolean;
  readonly network: NetworkFacts;
  /** Whether any endpoint is to have public addresses; else nobody needs to confirm them. */
  readonly publicAddresses: "wanted" | "unused";
};

/** True when some Node lists an address that the endpoint of this very machine does not have yet. */
export function hasNewAddresses({
  nodes,
  hostEndpoints,
}: Pick<UnsettledWorld, "nodes" | "hostEndpoints">): boolean {
  const present = new Map(hostEndpoints.map((it) => [it.node, it]));
  return nodes.some((node) => hasNewAddress(node, present.get(node.name)));
}

/**
 * True when only a list of all Nodes can tell whether another one lists an address of these, too: they list one that their endpoint
 * does not have yet, and nobody can ask EC2 about them.
 */
export function needsAllNodes(
  { nodes, hostEndpoints }: Pick<UnsettledWorld, "nodes" | "hostEndpoints">,
  reader: InstanceReader | undefined,
): boolean {
  const asked = reader === undefined ? nodes : nodes.filter((it) => !isOnAws(it));
  return hasNewAddresses({ nodes: asked, hostEndpoints });
}

function hasNewAddress(node: Node, endpoint: HostEndpoint | undefined): boolean {
  return [...internalOf(node), ...externalOf(node)].some((it) => !isKept(it, node, endpoint));
}

function isOnAws({ providerId }: Node): boolean {
  return providerId?.startsWith("aws://") === true;
}

/** @throws errors of `model/errors.ts` when EC2 does not answer */
export async function settleAddresses(
  { nodes, hostEndpoints, described, complete, network, publicAddresses }: UnsettledWorld,
  reader: InstanceReader | undefined,
  signal: AbortSignal,
): Promise<readonly Node[]> {
  const present = new Map(hostEndpoints.map((it) => [it.node, it]));
  const contesting = contestants(nodes);
  const inDoubt = nodes.filter((it) => isDoubtful(it, present.get(it.name)));
  const doubtful = new Set([
    ...inDoubt,
    ...nodes.filter(
      (it) =>
        isAsked(it, contesting) ||
        (!complete && isOnAws(it) && hasNewAddress(it, present.get(it.name))) ||
        (publicAddresses === "wanted" && hasNewPublicAddress(it, present.get(it.name))),
    ),
  ]);
  const known = new Map(described.map((it) => [it.instanceId, it]));
  const ids = [...doubtful].flatMap((it) => instanceIdOf(it.providerId) ?? []).filter((it) => !known.has(it));
  const asked = ids.length === 0 || reader === undefined ? [] : await ask(ids, reader, signal);
  for (const instance of asked) known.set(instance.instanceId, instance);
  const instanceOf = (node: Node) => known.get(instanceIdOf(node.providerId) ?? "");
  const settled = new Map(
    [...doubtful].map((node) => {
      const instance = instanceOf(node);
      const primaryAddresses =
        instance === undefined ? kept(node, present.get(node.name)) : ownOf(instance, node);
      const isOpen = instance === undefined && primaryAddresses.length === 0 && inDoubt.includes(node);
      return [
        node.name,
        {
          ...node,
          ...(primaryAddresses.length === 0 ? {} : { primaryAddresses }),
          ...(isOpen ? { unconfirmed: true as const } : {}),
        },
      ] as const;
    }),
  );
  const all = doubtful.size === 0 ? nodes : nodes.map((it) => settled.get(it.name) ?? it);
  const evidence = {
    confirmed: (node: Node, address: string) => {
      const instance = instanceOf(node);
      return instance === undefined ? undefined : addressesOf(instance).has(address);
    },
    kept: (node: Node, address: string) => isKept(address, node, present.get(node.name)),
  };
  const own = withoutRefused(all, {
    ...evidence,
    publicAddresses,
    reserved: reservedBy(network),
    controlPlane: network.apiServerAccess === undefined ? "unknown" : "hosted",
  });
  return contesting.size === 0 ? own : withoutContested(own, evidence);
}

function reservedBy({ apiServers = [], serviceCidrs = [] }: NetworkFacts): Reserved {
  return {
    apiServers: new Set(apiServers.flatMap((it) => parseAddress(it.address)?.value ?? [])),
    services: serviceCidrs.flatMap((it) => parseCidr(it) ?? []),
  };
}

/** On EC2 a public address is believed when EC2 says so; it stays where the endpoint of the machine has it already. */
function hasNewPublicAddress(node: Node, endpoint: HostEndpoint | undefined): boolean {
  if (node.providerId?.startsWith("aws://") !== true) return false;
  return externalOf(node).some((it) => !isKept(it, node, endpoint));
}

/** Only EC2 can tell whose an address is that two of its instances list. */
function isAsked({ name, providerId }: Node, contesting: ReadonlySet<string>): boolean {
  return contesting.has(name) && providerId?.startsWith("aws://") === true;
}

/** A person at the command line may not be allowed to look at instances. */
async function ask(
  ids: readonly string[],
  reader: InstanceReader,
  signal: AbortSignal,
): Promise<readonly Instance[]> {
  try {
    return await reader.describeInstances(ids, signal, "recent");
  } catch (error) {
    if (error instanceof DeniedError) return [];
    throw error;
  }
}

function isDoubtful(node: Node, endpoint: HostEndpoint | undefined): boolean {
  if (node.providerId?.startsWith("aws://") !== true) return false;
  const listed = internalOf(node);
  // Nearly every node: one address, which its name spells, and nobody says anything else.
  const [first = ""] = listed;
  if (listed.length === 1 && spells(node, first) && node.annotations[PROVIDED_NODE_IP] === undefined)
    return false;
  const claimed = claimedAddresses(node).map(formatAddress);
  const families = new Set(listed.map(isIPv6));
  if (claimed.some((it) => families.has(isIPv6(it)) && !listed.includes(it))) return true;
  const isSeveral = [4, 6].some((family) => listed.filter((it) => isIPv6(it) === (family === 6)).length > 1);
  // A node that lists another's address beside its own may also say that this is the one; the name that EKS let it bear counts.
  const named = spelledAddresses(node).map(formatAddress);
  const chosen = claimed.filter((it) => !named.includes(it));
  if (isSeveral && chosen.some((it) => !isKept(it, node, endpoint))) return true;
  if (claimed.length > 0) return false;
  if (isSeveral) return true;
  return listed.some((it) => {
    const before = (endpoint?.expectedIPs ?? []).filter((other) => isIPv6(other) === isIPv6(it));
    return before.length > 0 && !before.includes(it);
  });
}

/** True for an address that the endpoint of this very machine has already. */
function isKept(address: string, node: Node, endpoint: HostEndpoint | undefined): boolean {
  return endpoint?.annotations[NODE_UID_ANNOTATION] === node.uid && endpoint.expectedIPs.includes(address);
}

/** Of the endpoint's addresses those that the Node still lists or lays claim to, when it is the same machine. */
function kept(node: Node, endpoint: HostEndpoint | undefined): readonly string[] {
  if (endpoint?.annotations[NODE_UID_ANNOTATION] !== node.uid) return [];
  const listed = [...internalOf(node), ...claimedAddresses(node).map(formatAddress)];
  return endpoint.expectedIPs.filter((it) => listed.includes(it));
}

/** What the kubelet was told, where EC2 says that the instance has it (another interface than the primary); else the primary one. */
function ownOf(instance: Instance, node: Node): readonly string[] {
  const { privateIPv4, ipv6 } = instance;
  const has = addressesOf(instance);
  const told = toldAddresses(node)
    .map(formatAddress)
    .filter((it) => has.has(it));
  return [privateIPv4, ipv6].flatMap((primary) => {
    if (primary === undefined) return [];
    return [told.find((it) => isIPv6(it) === isIPv6(primary)) ?? primary];
  });
}

/** Canonical: every address that EC2 says the instance has. */
function addressesOf({ privateIPv4, ipv6, publicIPv4, addresses = [] }: Instance): ReadonlySet<string> {
  const texts = [privateIPv4, ipv6, publicIPv4, ...addresses];
  return new Set(texts.flatMap((it) => parseAddress(it ?? "") ?? []).map(formatAddress));
}

/** Canonical, as endpoints have them. */
function internalOf(node: Node): readonly string[] {
  return listedBy(node, "InternalIP");
}

function externalOf(node: Node): readonly string[] {
  return listedBy(node, "ExternalIP");
}

function listedBy({ addresses }: Node, type: string): readonly string[] {
  const found: string[] = [];
  for (const it of addresses) {
    const address = it.type === type ? parseAddress(it.address) : undefined;
    if (address === undefined) continue;
    const text = formatAddress(address);
    if (!found.includes(text)) found.push(text);
  }
  return found;
}

function isIPv6(address: string): boolean {
  return address.includes(":");
}
