import type { StringMap } from "../model/kubernetes-object.ts";
import { includes } from "./world/node-facts.ts";
import type { Endpoint } from "./world/endpoint.ts";
import { compareBytes } from "./world/order.ts";
import type { World, WorldNode } from "./world/world.ts";

/** Whether a HostEndpoint of a node is in force, and why. */
export type ExplainedEndpoint = {
  /** Stored name. */
  readonly name: string;
  readonly effective: boolean;
  readonly because: string;
  /** Labels as policies see them, those of profiles included. */
  readonly labels: StringMap;
};

/**
 * Every HostEndpoint that names the node, sorted by name: which of them governs something, and what beats the others.
 * Source: docs/calico.md 8 and 0 item 10.
 */
export function explainEndpoints(world: World, nodeName: string): readonly ExplainedEndpoint[] {
  const node = world.nodes.get(nodeName);
  const kept = [...world.endpoints.values()].filter((endpoint) => endpoint.node === nodeName);
  const ignored = world.ignoredEndpoints.filter((endpoint) => endpoint.node === nodeName);
  return [
    ...kept.map((endpoint) => ({
      name: endpoint.storedName,
      ...explain(node, endpoint, kept),
      labels: Object.fromEntries(endpoint.labels),
    })),
    ...ignored.map((endpoint) => ({
      name: endpoint.name,
      effective: false,
      because: endpoint.because,
      labels: {},
    })),
  ].sort((a, b) => compareBytes(a.name, b.name));
}

type Explained = { readonly effective: boolean; readonly because: string };

function explain(node: WorldNode | undefined, endpoint: Endpoint, all: readonly Endpoint[]): Explained {
  if (node === undefined) return { effective: false, because: `there is no node ${endpoint.node}` };
  if (endpoint.interfaceName === "*") return explainWildcard(node, endpoint, all);
  if (endpoint.interfaceName === "" && endpoint.addresses.length === 0) {
    return {
      effective: false,
      because: "it names no interface, and none of its expectedIPs is an IP address",
    };
  }
  const { facts } = node;
  if (!facts.interfacesKnown) return explainByKnownAddresses(node, endpoint);
  const matched = [...facts.interfaces].filter(([name, addresses]) =>
    endpoint.interfaceName === ""
      ? endpoint.addresses.some((address) => includes(addresses, address))
      : endpoint.interfaceName === name,
  );
  if (matched.length === 0) {
    return endpoint.interfaceName === ""
      ? { effective: false, because: "no interface of the node has one of its expectedIPs" }
      : { effective: isUnlisted(endpoint), because: unlistedReason(endpoint) };
  }
  const names = matched.map(([name]) => name).sort(compareBytes);
  const winners = names.map((name) => ({ name, winner: winnerOn(node, name) }));
  const won = winners.filter(({ winner }) => winner === endpoint).map(({ name }) => name);
  const how = endpoint.interfaceName === "" ? "by address" : "by name";
  if (won.length > 0)
    return { effective: true, because: `it matches ${won.join(", ")} ${how} and has the lowest name there` };
  const [lost] = winners;
  return {
    effective: false,
    because: `${lost?.winner?.storedName ?? "another endpoint"} matches ${lost?.name ?? "the interface"} too and has the lower name`,
  };
}

function explainWildcard(node: WorldNode, endpoint: Endpoint, all: readonly Endpoint[]): Explained {
  if (node.wildcard !== endpoint) {
    return {
      effective: false,
      because: `${node.wildcard?.storedName ?? "another endpoint"} is for every interface (*) too and has the lower name`,
    };
  }
  const specific = all
    .filter((other) => other.interfaceName !== "*")
    .map((other) => other.storedName)
    .sort(compareBytes);
  return {
    effective: true,
    because:
      specific.length === 0
        ? "it is for every interface (*), lo included, and nothing more specific is there"
        : `it is for every interface (*) that has no endpoint of its own (${specific.join(", ")})`,
  };
}

/** Calico leaves loopback, tunnels and virtual interfaces out of its list; they exist all the same. */
const UNLISTED =
  /^(lo|docker|cbr|dummy|virbr|lxcbr|veth|br-|cali|tunl|flannel|kube-ipvs|cni|vxlan|wireguard|wg|nodelocaldns)/;

function isUnlisted(endpoint: Endpoint): boolean {
  return UNLISTED.test(endpoint.interfaceName);
}

function unlistedReason(endpoint: Endpoint): string {
  return isUnlisted(endpoint)
    ? `Calico does not list interfaces like ${endpoint.interfaceName}; if the node has it, this endpoint governs it`
    : `the node has no interface ${endpoint.interfaceName}`;
}

function explainByKnownAddresses(node: WorldNode, endpoint: Endpoint): Explained {
  const first = node.endpoints[0];
  if (endpoint.interfaceName !== "") {
    return {
      effective: true,
      because: `it names interface ${endpoint.interfaceName}; the node does not say which interfaces it has`,
    };
  }
  const own = endpoint.addresses.some((address) => includes(node.facts.addresses, address));
  if (!own) return { effective: false, because: "none of its expectedIPs is a known address of the node" };
  return first === endpoint || first === undefined
    ? { effective: true, because: "one of its expectedIPs is an address of the node" }
    : {
        effective: true,
        because: `one of its expectedIPs is an address of the node, unless ${first.storedName} takes the same interface`,
      };
}

function winnerOn(node: WorldNode, name: string): Endpoint | undefined {
  const addresses = node.facts.interfaces.get(name) ?? [];
  return node.endpoints.find((endpoint) =>
    endpoint.interfaceName === ""
      ? endpoint.addresses.some((address) => includes(addresses, address))
      : endpoint.interfaceName === name,
  );
}
