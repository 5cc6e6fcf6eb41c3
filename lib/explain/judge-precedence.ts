/**
 * Which of a node's endpoints Felix uses, and a sentence that says why.
 * Source: docs/calico.md 8 (the lowest name wins on each interface, `*` is the fallback), 0 item 10 (whose name).
 */
import {
  interfaceNamed,
  mainInterface,
  specificEndpoint,
  type Interface,
} from "../policy/hooks/resolve-endpoint.ts";
import type { Endpoint } from "../policy/world/endpoint.ts";
import { includes } from "../policy/world/node-facts.ts";
import type { World, WorldNode } from "../policy/world/world.ts";

export type Precedence = { readonly effective: boolean; readonly because: string };

/** @param storedName name of the custom resource */
export function judgePrecedence(world: World, node: WorldNode, storedName: string): Precedence {
  const ignored = world.ignoredEndpoints.find((it) => it.name === storedName);
  if (ignored !== undefined) return { effective: false, because: ignored.because };
  const endpoint = world.endpoints.get(storedName);
  if (endpoint === undefined) return { effective: false, because: "Felix does not have it" };
  if (endpoint.interfaceName === "*") return judgeWildcard(node, endpoint);
  if (endpoint.interfaceName !== "")
    return judgeOn(
      node,
      endpoint,
      interfaceNamed(node, endpoint.interfaceName),
      `interface ${endpoint.interfaceName}`,
    );
  return judgeByAddress(node, endpoint);
}

function judgeWildcard(node: WorldNode, endpoint: Endpoint): Precedence {
  const winner = node.wildcard;
  if (winner !== undefined && winner.storedName !== endpoint.storedName)
    return {
      effective: false,
      because: `${winner.storedName} is for "*" too and has the lower name: Felix uses that one`,
    };
  const specific = node.endpoints.map((it) => it.storedName);
  const rest =
    specific.length === 0 ? "every interface" : `every interface that ${specific.join(", ")} does not match`;
  return { effective: true, because: `it is for "*": it governs ${rest}` };
}

function judgeOn(node: WorldNode, endpoint: Endpoint, on: Interface, where: string): Precedence {
  const known = on.name !== undefined && node.facts.interfacesKnown && !node.facts.interfaces.has(on.name);
  const winner = specificEndpoint(node, on);
  if (winner.kind === "endpoint" && winner.endpoint.storedName !== endpoint.storedName)
    return {
      effective: false,
      because: `${winner.endpoint.storedName} matches ${where} too and has the lower name: Felix uses that one`,
    };
  if (winner.kind === "unknown")
    return {
      effective: true,
      because: `it matches ${where}; whether an endpoint with a lower name matches it by address cannot be told from here`,
    };
  if (winner.kind === "none")
    return { effective: false, because: `host endpoints do not attach to ${where}` };
  if (known) return { effective: false, because: `the node has no ${where}: it enforces nothing` };
  return { effective: true, because: `it has the lowest name of those that match ${where}` };
}

function judgeByAddress(node: WorldNode, endpoint: Endpoint): Precedence {
  if (endpoint.addresses.length === 0)
    return { effective: false, because: "it has neither an interface nor an address: it matches nothing" };
  const matching = [...node.facts.interfaces].filter(([, own]) =>
    endpoint.addresses.some((it) => includes(own, it)),
  );
  const first = matching[0];
  if (first !== undefined)
    return judgeOn(node, endpoint, interfaceNamed(node, first[0]), `interface ${first[0]} by its address`);
  const main = mainInterface(node);
  if (endpoint.addresses.some((it) => includes(main.addresses ?? [], it)))
    return judgeOn(node, endpoint, main, "the node's main interface by its address");
  if (node.facts.interfacesKnown)
    return {
      effective: false,
      because: "none of its addresses is on an interface of the node: it enforces nothing",
    };
  return {
    effective: true,
    because:
      "it matches by address; the node's interfaces are not known here, so nothing says that another one wins",
  };
}
