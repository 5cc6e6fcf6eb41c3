import type { DesiredHostEndpoint, HostEndpoint } from "../../model/host-endpoint.ts";
import type { Action } from "../../model/plan.ts";
import { formatAddress, parseAddress, type Address } from "../../address/parse-address.ts";

/**
 * Writes that can meet: they are for one node, or put one address into address sets or take it out. Every order of them
 * can be interrupted anywhere, so each subset of a bundle is a state that the cluster may be left in.
 */
export type Bundle = { readonly actions: readonly Action[] };

export type PlanStates = {
  readonly bundles: readonly Bundle[];
  /** Writes that wait for another run, because their bundle has too many for all its subsets to be looked at. */
  readonly tooMany: ReadonlySet<Action>;
  /** Number of states: state `s` applies to each bundle those of its actions whose bit is set in `s`. */
  readonly count: number;
  /** Of every node whose own verdicts the bundle can change: it has an endpoint or an address in it. */
  readonly bundleOfNode: ReadonlyMap<string, Bundle>;
};

/** All subsets of this many are looked at; more would cost more than they are worth. */
const MOST_ACTIONS = 3;

/** In: the writes, and each node's own addresses. */
export function planStates(
  actions: readonly Action[],
  ownAddresses: ReadonlyMap<string, readonly Address[]>,
): PlanStates {
  const rootOf = connect(actions, ownAddresses);
  const groups = Map.groupBy(actions, (it) => rootOf(nodeKey(it.node)));
  const bundles = new Map(
    [...groups].map(([root, group]) => [root, { actions: group.slice(0, MOST_ACTIONS) }] as const),
  );
  const nodes = [...ownAddresses.keys(), ...actions.flatMap(nodesOf)];
  return {
    bundles: [...bundles.values()],
    tooMany: new Set([...groups.values()].flatMap((group) => group.slice(MOST_ACTIONS))),
    count: 2 ** Math.max(0, ...[...bundles.values()].map((it) => it.actions.length)),
    bundleOfNode: new Map(
      nodes.flatMap((node) => {
        const bundle = bundles.get(rootOf(nodeKey(node)));
        return bundle === undefined ? [] : [[node, bundle] as const];
      }),
    ),
  };
}

/** True when state `s` has done that action of its bundle. */
export function isDone(bundle: Bundle, action: Action, state: number): boolean {
  return ((state >> bundle.actions.indexOf(action)) & 1) === 1;
}

/** All states that a bundle can be in. */
export function statesOf(bundle: Bundle | undefined): readonly number[] {
  return Array.from({ length: 2 ** (bundle?.actions.length ?? 0) }, (_, state) => state);
}

/** The HostEndpoints of the cluster in a state. What we do not own of an updated one stays as it is. */
export function endpointsIn(
  states: PlanStates,
  state: number,
  observed: readonly HostEndpoint[],
): readonly (HostEndpoint | DesiredHostEndpoint)[] {
  const changed = new Map<string, HostEndpoint | DesiredHostEndpoint | undefined>();
  for (const bundle of states.bundles)
    for (const action of bundle.actions)
      if (isDone(bundle, action, state)) changed.set(action.name, resultOf(action));
  const kept = observed.flatMap((it) => {
    if (!changed.has(it.name)) return [it];
    const result = changed.get(it.name);
    changed.delete(it.name);
    return result === undefined ? [] : [result];
  });
  return [...kept, ...[...changed.values()].filter((it) => it !== undefined)];
}

/** What an action leaves behind; undefined: nothing. */
export function resultOf(action: Action): HostEndpoint | DesiredHostEndpoint | undefined {
  switch (action.kind) {
    case "create":
      return action.desired;
    case "update":
      return { ...action.observed, ...action.desired, annotations: action.observed.annotations };
    case "delete":
      return undefined;
  }
}

/** Addresses that an action puts into sets or takes out. */
export function addressesOf(action: Action): readonly string[] {
  return [
    ...("observed" in action ? action.observed.expectedIPs : []),
    ...("desired" in action ? action.desired.expectedIPs : []),
  ];
}

/** Which node or address stands for all that are connected with it by writes. */
function connect(
  actions: readonly Action[],
  ownAddresses: ReadonlyMap<string, readonly Address[]>,
): (key: string) => string {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    if (root !== key) parents.set(key, root);
    return root;
  };
  const join = (a: string, b: string) => {
    const [first, second] = [rootOf(a), rootOf(b)];
    if (first !== second) parents.set(second, first);
  };
  const moved = new Set<string>();
  for (const action of actions) {
    const own = nodeKey(action.node);
    for (const node of nodesOf(action)) join(own, nodeKey(node));
    for (const text of addressesOf(action)) {
      const address = parseAddress(text);
      if (address === undefined) continue;
      const key = addressKeyOf(address);
      moved.add(key);
      join(own, key);
    }
  }
  for (const [node, addresses] of ownAddresses)
    for (const key of addresses.map(addressKeyOf)) if (moved.has(key)) join(nodeKey(node), key);
  return rootOf;
}

function nodesOf(action: Action): readonly string[] {
  return "observed" in action ? [action.node, action.observed.node] : [action.node];
}

function nodeKey(name: string): string {
  return `node ${name}`;
}

function addressKeyOf(address: Address): string {
  return `address ${formatAddress(address)}`;
}
