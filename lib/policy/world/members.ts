import { buildAddressSet, uniteAddressSets, type AddressSet } from "../../address/address-set.ts";
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
      const built = addressesOf(members);
      addressSets.set(set, built);
      return built;
    },
    ports: (set) => {
      const known = portSets.get(set);
      if (known !== undefined) return known;
      const definition = table.definitions[set];
      const holders = new Map<number, LabelledAddresses[]>();
      if (definition?.kind === "namedPort") {
        for (const member of selected(definition.selector.matches)) {
          for (const port of member.ports) {
            if (port.name !== definition.name) continue;
            if (definition.protocol !== undefined && definition.protocol !== port.protocol) continue;
            const key = portKey(port.protocol, port.port);
            const same = holders.get(key);
            if (same === undefined) holders.set(key, [member]);
            else same.push(member);
          }
        }
      }
      const built = new Map([...holders].map(([key, members]) => [key, addressesOf(members)] as const));
      portSets.set(set, built);
      return built;
    },
  };
}

function addressesOf(members: readonly LabelledAddresses[]): AddressSet {
  return uniteAddressSets([
    ...members.flatMap(({ nets }) => (nets === undefined ? [] : [nets])),
    buildAddressSet(members.flatMap((member) => member.networks)),
  ]);
}

/** Key of a protocol and a port in a named-port set. */
export function portKey(protocol: number, port: number): number {
  return protocol * 65_536 + port;
}

/** From here on it is cheaper to look at the labels that an object has than at those that somebody may ask for. */
const MANY_NAMES = 64;

/** Text that is equal exactly when the labels agree on every one of the names. */
export function labelSignature(labels: Labels, names: readonly string[]): string {
  if (names.length > MANY_NAMES) return signatureOfPresent(labels, placesOf(names));
  let signature = "";
  for (const name of names) {
    const value = labels.get(name);
    // The length makes the text unambiguous whatever the values hold.
    signature += value === undefined ? "-" : `${value.length}:${value}`;
  }
  return signature;
}

const knownPlaces = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const known = knownPlaces.get(names) ?? new Map(names.map((name, place) => [name, place] as const));
  knownPlaces.set(names, known);
  return known;
}

function signatureOfPresent(labels: Labels, places: ReadonlyMap<string, number>): string {
  const present: [place: number, value: string][] = [];
  for (const [name, value] of labels) {
    const place = places.get(name);
    if (place !== undefined) present.push([place, value]);
  }
  return present
    .sort(([a], [b]) => a - b)
    .map(([place, value]) => `${place}=${value.length}:${value}`)
    .join("");
}

function groupByLabels(
  objects: readonly LabelledAddresses[],
  names: readonly string[],
): LabelledAddresses[][] {
  return [...Map.groupBy(objects, (object) => labelSignature(object.labels, names)).values()];
}
