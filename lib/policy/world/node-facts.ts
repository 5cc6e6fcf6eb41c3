import type { Node } from "../../model/node.ts";
import { calicoInterfaces } from "../../address/calico-addresses.ts";
import { parseAddress, parseCidr, type Address } from "../../address/parse-address.ts";
import type { Labels } from "../selector/parse-selector.ts";
import { labelsByCalico } from "../../model/node-labels.ts";
import type { PlacedNode } from "../agent/covers.ts";

/** What a verdict needs to know of a node. Source: docs/calico.md 16. */
export type NodeFacts = {
  readonly name: string;
  /** Worked out when somebody asks, which few configurations do. */
  readonly labels: Labels;
  /** Addresses by interface. Without Calico's annotation only `lo` and Calico's own tunnels are known. */
  readonly interfaces: ReadonlyMap<string, readonly Address[]>;
  /** True when Calico's annotation listed the interfaces of the node. */
  readonly interfacesKnown: boolean;
  /** The interface that carries the node's own address; `undefined` when its name is not known. */
  readonly mainInterface: string | undefined;
  readonly mainAddresses: readonly Address[];
  /** Every address that is known to be the node's own. */
  readonly addresses: readonly Address[];
  /** Address that other nodes send IP-in-IP to; only Calico's IPv4 CIDR, else a Kubernetes address. */
  readonly tunnelPeer: Address | undefined;
  /** What decides which agent runs on it. */
  readonly placed: PlacedNode;
};

const LOOPBACK: readonly Address[] = [
  { family: 4, value: 0x7f000001 },
  { family: 6, value: 1n },
];
/** Of a node that Calico has written nothing about, which is nearly every one where it runs policy only. */
const ONLY_LOOPBACK: ReadonlyMap<string, readonly Address[]> = new Map([["lo", LOOPBACK]]);
const TUNNELS = [
  ["tunl0", "projectcalico.org/IPv4IPIPTunnelAddr"],
  ["vxlan.calico", "projectcalico.org/IPv4VXLANTunnelAddr"],
  ["vxlan-v6.calico", "projectcalico.org/IPv6VXLANTunnelAddr"],
  ["wireguard.cali", "projectcalico.org/IPv4WireguardInterfaceAddr"],
  ["wg-v6.cali", "projectcalico.org/IPv6WireguardInterfaceAddr"],
] as const;

/** Facts from a Node of the model. */
export function nodeFactsOfModel(node: Node): NodeFacts {
  const listed = listedInterfaces(node);
  const tunnels = TUNNELS.flatMap(([name, annotation]) => {
    const address = parseAddress(node.annotations[annotation] ?? "");
    return address === undefined ? [] : [[name, [address]] as const];
  });
  const interfaces =
    listed === undefined && tunnels.length === 0
      ? ONLY_LOOPBACK
      : new Map([...ONLY_LOOPBACK, ...tunnels, ...(listed ?? [])]);
  const kubernetes = (type: string): Address[] =>
    node.addresses.flatMap((entry) => (entry.type === type ? (parseAddress(entry.address) ?? []) : []));
  const bgp = ["projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address"].flatMap(
    (annotation) => parseAddress((node.annotations[annotation] ?? "").split("/")[0] ?? "") ?? [],
  );
  const own = [...kubernetes("InternalIP"), ...bgp];
  const mainInterface = [...(listed ?? [])].find(([, addresses]) =>
    addresses.some((address) => includes(own, address)),
  );
  let labels: Labels | undefined;
  const isCidr = parseCidr(node.annotations["projectcalico.org/IPv4Address"] ?? "") !== undefined;
  return {
    name: node.name,
    get labels() {
      return (labels ??= new Map(Object.entries(labelsByCalico(node))));
    },
    interfaces,
    interfacesKnown: listed !== undefined,
    mainInterface: mainInterface?.[0] ?? listed?.keys().next().value,
    mainAddresses: mainInterface?.[1] ?? own,
    addresses: [...own, ...kubernetes("ExternalIP"), ...[...interfaces.values()].flat()],
    tunnelPeer: [...(isCidr ? bgp : []), ...kubernetes("InternalIP"), ...kubernetes("ExternalIP")].find(
      (address) => address.family === 4,
    ),
    placed: node,
  };
}

/** True when the list holds the address. */
export function includes(addresses: readonly Address[], address: Address): boolean {
  return addresses.some(
    (candidate) => candidate.value === address.value && candidate.family === address.family,
  );
}

/** By name; what has none cannot be asked about. */
function listedInterfaces(node: Node): Map<string, readonly Address[]> | undefined {
  const listed = calicoInterfaces(node)?.filter((it) => it.name !== "");
  return listed && new Map(listed.map((it) => [it.name, it.addresses]));
}
