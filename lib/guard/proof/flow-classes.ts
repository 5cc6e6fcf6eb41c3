import type { Node } from "../../model/node.ts";
import { addressSetKey } from "../../address/address-set.ts";
import { formatAddress, type Address } from "../../address/parse-address.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import type { World } from "../../policy/world/world.ts";
import { isForwarded, type EssentialFlow } from "../essential-flows/essential-flow.ts";
import { addressClasses, type AddressClasses } from "./address-classes.ts";
import { peerBook, type KnownNodes, type PeerBook } from "./probes-for.ts";
import { flowCriteria, type Criteria } from "./flow-criteria.ts";

/** How the rules that a flow can meet tell addresses apart. */
export type FlowClasses = {
  readonly local: AddressClasses;
  readonly peer: AddressClasses;
  readonly book: PeerBook;
  /** True for an address that one of the cluster's nodes has. */
  readonly isNode: (value: Address["value"]) => boolean;
};

/** Flows of one shape meet the same rules: what is found out for one is kept for the others. */
export function flowClasses(
  nodes: KnownNodes,
  worlds: readonly World[],
  nodeAddresses: readonly Address[],
): (flow: EssentialFlow) => FlowClasses {
  const values = new Set(nodeAddresses.map((it) => it.value));
  const looks = new Map<string, FlowClasses>();
  const firstReadings = worlds[0] === undefined ? [] : everyReading(worlds[0]);
  const settings = [
    ...new Set(firstReadings.flatMap((it) => [...it.nodes.values()].map((node) => node.settings))),
  ];
  const classes = new Map<string, AddressClasses>();
  const classesFor = (criteria: Criteria): AddressClasses => {
    const key = `${criteria.sets.join()}|${String(criteria.tunnels)}|${criteria.nets.map(addressSetKey).join(";")}`;
    const found = classes.get(key) ?? addressClasses(worlds, criteria, values);
    classes.set(key, found);
    return found;
  };
  return (flow) => {
    const shape = `${flow.direction} ${flow.protocol} ${flow.port ?? ""}`;
    const known = looks.get(shape);
    const [world] = worlds;
    if (known !== undefined || world === undefined) return known as FlowClasses;
    const criteria = flowCriteria(world.policies, settings, flow);
    const peer = classesFor(criteria.peer);
    const look: FlowClasses = {
      local: classesFor(criteria.local),
      peer,
      book: peerBook(peer, nodes),
      isNode: (value) => values.has(value),
    };
    looks.set(shape, look);
    return look;
  };
}

/** Of nodes with like endpoints, those whose own addresses are alike too for what the flow can meet. */
export function alikeFor(
  flow: EssentialFlow,
  nodes: readonly Node[],
  look: FlowClasses,
  addressesOf: (node: string) => readonly Address[],
): readonly (readonly string[])[] {
  // What passes through is between a pod and somebody else: the node's own address plays no part.
  if (isForwarded(flow)) return [nodes.map((it) => it.name)];
  // A node that is the only one of its kind among the peers has nobody of that kind to talk to.
  const alone = new Set(
    flow.peers
      .flatMap((peers) =>
        ([4, 6] as const).flatMap((family) => loneAddresses(look, look.book(peers, family))),
      )
      .filter(look.isNode),
  );
  const names = nodes.map((it) => it.name);
  if (alone.size === 0 && look.local.areAllAlike && (flow.direction !== "local" || look.peer.areAllAlike))
    return [names];
  const keyOf = (name: string): string =>
    addressesOf(name)
      .map((it) => {
        const self = flow.direction === "local" ? look.peer.classOf(it) : "";
        return `${look.local.classOf(it)}/${self}/${alone.has(it.value) ? formatAddress(it) : ""}`;
      })
      .join();
  return [...Map.groupBy(names, keyOf).values()];
}

function loneAddresses(look: FlowClasses, peers: readonly Address[]): readonly (number | bigint)[] {
  const classes = Map.groupBy(peers, (it) => look.peer.classOf(it));
  return [...classes.values()].flatMap((it) => (it.length === 1 ? it.map(({ value }) => value) : []));
}
