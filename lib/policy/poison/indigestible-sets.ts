import { ascending } from "../../model/ascending.ts";
import { buildAddressSet, formatAddressSet } from "../../address/address-set.ts";
import { parseNetwork, type Network } from "../../address/parse-address.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { stringsAt } from "../../model/read-json.ts";
import type { Found, PoisonRow } from "./poison.ts";

/** A set whose members some rule asks for: Felix programs no other. */
export type SetInput = { readonly object: KubernetesObject; readonly isUsed: boolean };

/**
 * Network sets that some versions cannot program, or read back.
 * Source: docs/calico-versions.md 3.
 */
export const SET_POISON: readonly PoisonRow<SetInput>[] = [
  {
    source: "docs/calico-versions.md 3 (unparseable net in a NetworkSet)",
    versions: [[undefined, "3.31.5"]],
    effect: "crash-loop",
    // A GlobalNetworkSet with the same net was always safe.
    find: ({ object }) =>
      object.kind === "NetworkSet"
        ? netsOf(object).flatMap((net, index) =>
            parseNetwork(net) === undefined
              ? [
                  {
                    field: `spec.nets[${index}]`,
                    why: `${JSON.stringify(net.slice(0, LONGEST_SHOWN))} is no network`,
                    fix: "Write a network, like 10.0.0.0/8.",
                  },
                ]
              : [],
          )
        : [],
  },
  {
    source: "docs/calico-versions.md 3 (set of everything)",
    versions: [
      ["3.29.0", "3.31.7"],
      ["3.32.0", "3.32.2"],
    ],
    renderings: ["nftables"],
    effect: "crash-loop",
    find: ({ object, isUsed }) => (isUsed && holdsEverything(networksOf(object)) ? [EVERYTHING] : []),
  },
  {
    source: "docs/calico-versions.md 3 (overlapping CIDRs)",
    versions: [["3.32.0", "3.32.1"]],
    renderings: ["nftables"],
    effect: "freeze",
    freezes: "sets",
    find: ({ object, isUsed }) => {
      const networks = networksOf(object);
      return isUsed && !holdsEverything(networks) && overlaps(networks) ? [OVERLAPPING] : [];
    },
  },
];

const LONGEST_SHOWN = 64;

const EVERYTHING: Found = {
  field: "spec.nets",
  why: "its nets are every address, and nftables mode cannot read such a set back",
  fix: "Leave the selector out of the rule, or name the nets in the rule itself.",
};
const OVERLAPPING: Found = {
  field: "spec.nets",
  why: "nets of it overlap, which nftables mode does not program",
  fix: "Take out the nets that others hold.",
};

function netsOf(object: KubernetesObject): readonly string[] {
  return stringsAt(object.spec, "nets");
}

function networksOf(object: KubernetesObject): readonly Network[] {
  return netsOf(object).flatMap((net) => parseNetwork(net) ?? []);
}

/** Each family whole, as `formatAddressSet` writes it. */
const WHOLE = ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] as const;

/** However it is written: two halves are everything, too. */
function holdsEverything(networks: readonly Network[]): boolean {
  const ranges = formatAddressSet(buildAddressSet(networks));
  return WHOLE.some((all) => ranges.includes(all));
}

function overlaps(networks: readonly Network[]): boolean {
  return ([4, 6] as const).some((family) => {
    const own = networks.filter((it) => it.family === family).sort(ascending((it) => it.first));
    let reached: number | bigint | undefined;
    for (const { first, last } of own) {
      if (reached !== undefined && first <= reached) return true;
      reached = last;
    }
    return false;
  });
}
