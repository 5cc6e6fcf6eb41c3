import { formatAddress, parseAddress } from "../../address/parse-address.ts";
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Node } from "../../model/node.ts";
import { isOwned } from "../../plan/ownership.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * Somebody else's endpoint with addresses that its node does not have: rules with selectors then take another machine for this one.
 * It stays as it is, for it is not ours.
 */
export const foreignAddressesRule: Rule = ({ snapshot, safety }) => {
  const foreign = snapshot.hostEndpoints.filter((it) => it.expectedIPs.length > 0 && !isOwned(it, safety.id));
  if (foreign.length === 0 || !snapshot.complete) return { judge: nothingAgainst, findings: [] };
  const nodes = new Map(snapshot.nodes.map((it) => [it.name, it]));
  const owners = new Map(
    snapshot.nodes.flatMap((it) => listedBy(it).map((address) => [address, it.name] as const)),
  );
  return {
    judge: nothingAgainst,
    findings: foreign.flatMap((endpoint) => {
      const node = nodes.get(endpoint.node);
      const wrong = node === undefined ? [] : wrongOf(endpoint, node);
      if (node === undefined || wrong.length === 0) return [];
      const named = wrong.slice(0, 3).map((it) => {
        const owner = owners.get(it);
        return owner === undefined ? it : `${it} (Node/${owner} has it)`;
      });
      return [
        {
          severity: "warning",
          code: "foreign-endpoint-address",
          object: `HostEndpoint/${endpoint.name}`,
          message: `its expectedIPs name ${named.join(", ")}${wrong.length > 3 ? ` and ${wrong.length - 3} more` : ""}, which Node/${node.name} does not list: rules with selectors take that address for this node`,
          fix: `ask whoever made it to correct spec.expectedIPs (Node/${node.name} lists ${listedBy(node).slice(0, 3).join(", ") || "none"}), or take it over with "hepctl adopt ${endpoint.name}"`,
        },
      ];
    }),
  };
};

function wrongOf(endpoint: HostEndpoint, node: Node): readonly string[] {
  const known = new Set([
    ...listedBy(node),
    ...(node.primaryAddresses ?? []),
    ...(node.contested ?? []).map((it) => it.address),
    ...addressesOfCalico(node),
  ]);
  return endpoint.expectedIPs.map(canonical).filter((it) => !known.has(it));
}

/** What Calico wrote on its Node: BGP and tunnel addresses, which its own controller puts on endpoints too. */
function addressesOfCalico({ annotations }: Node): readonly string[] {
  return Object.entries(annotations).flatMap(([key, value]) =>
    key.startsWith("projectcalico.org/")
      ? [...value.matchAll(/[0-9a-fA-F:.]{3,45}/g)].map(([it]) => canonical(it))
      : [],
  );
}

function listedBy({ addresses }: Node): readonly string[] {
  return addresses.flatMap((it) =>
    it.type === "InternalIP" || it.type === "ExternalIP" ? [canonical(it.address)] : [],
  );
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
