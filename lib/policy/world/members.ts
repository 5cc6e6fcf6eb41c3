import { buildAddressSet, type AddressSet } from "../../address/address-set.ts";
import type { Network } from "../../address/parse-address.ts";
import type { SetTable } from "../rules/set-table.ts";
import type { Labels } from "../selector/parse-selector.ts";
import type { LabelledAddresses } from "./labelled-addresses.ts";

/** Looks up members of sets; each set is built when it is first asked for, and kept. */
export type Members = {
  readonly addresses: (set: number) => AddressSet;
  readonly ports: (set: number) => ReadonlyMap<number, AddressSet>;
};

/**
 * Members of a selector's set: addresses of every pod, HostEndpoint (`expectedIPs`) and network set of the whole cluster
 * that it selects. Interface addresses of endpoints without `expectedIPs` are not among them.
 * Source: docs/calico.md 7.
 */
export function newMembers(table: SetTable, objects: readonly (readonly LabelledAddresses[])[]): Members {
  const addressSets = new Map<number, AddressSet>();
  const portSets = new Map<number, ReadonlyMap<number, AddressSet>>();
  // Grouping by the labels that matter makes one evaluation serve thousands of objects that look alike.
  let groups: readonly (readonly LabelledAddresses[])[] | undefined;
  const selected = (matches: (labels: Labels) => boolean): readonly LabelledAddresses[] => {
    groups ??= groupByLabels(objects.flat(), [...table.labelNames]);
    return groups.filter((group) => group[0] !== undefined && matches(group[0].labels)).flat();
  };
  return {
    addresses: (set) => {
      const known = addressSets.get(set);
      if (known !== undefined) return known;
      const definition = table.definitions[set];
      const members = definition === undefined ? [] : selected(definition.selector.matches);
      const built = buildAddressSet(members.flatMap((member) => member.networks));
      addressSets.set(set, built);
      return built;
    },
    ports: (set) => {
      const known = portSets.get(set);
      if (known !== undefined) return known;
      const definition = table.definitions[set];
      const networks = new Map<number, Network[]>();
      if (definition?.kind === "namedPort") {
        for (const member of selected(definition.selector.matches)) {
          for (const port of member.ports) {
            if (port.name !== definition.name) continue;
            if (definition.protocol !== undefined && definition.protocol !== port.protocol) continue;
            const key = portKey(port.protocol, port.port);
            networks.set(key, [...(networks.get(key) ?? []), ...member.networks]);
          }
        }
      }
      const built = new Map([...networks].map(([key, members]) => [key, buildAddressSet(members)] as const));
      portSets.set(set, built);
      return built;
    },
  };
}

/** Key of a protocol and a port in a named-port set. */
export function portKey(protocol: number, port: number): number {
  return protocol * 65_536 + port;
}

/** Text that is equal exactly when the labels agree on every one of the names. */
export function labelSignature(labels: Labels, names: readonly string[]): string {
  let signature = "";
  for (const name of names) {
    const value = labels.get(name);
    // The length makes the text unambiguous whatever the values hold.
    signature += value === undefined ? "-" : `${value.length}:${value}`;
  }
  return signature;
}

function groupByLabels(
  objects: readonly LabelledAddresses[],
  names: readonly string[],
): LabelledAddresses[][] {
  return [...Map.groupBy(objects, (object) => labelSignature(object.labels, names)).values()];
}
