/**
 * Before and after, for every node and every essential flow: which writes of a plan would turn an allow into a deny.
 *
 * In: the endpoints that are there, the writes, compiled policies, nodes, flows. Out: the cuts, each with the writes that
 * are to blame for it, and what is denied already.
 * Must never happen: an order of the writes that are not blamed, interrupted anywhere, in which a flow is worse off than now.
 *
 * Why no order can: writes that share a node or an address form a bundle, and every subset of a bundle is looked at
 * (`plan-states.ts`). A flow looks at its own node and at one other address, so the state of two bundles decides it, and
 * every pair of their states is looked at. Withholding a bundle takes states away and adds none. What only both sides do together
 * needs one of them refused: as few writes as can be are, those of nodes in doubt first (`least-refusal.ts`).
 */
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Node } from "../../model/node.ts";
import type { Action } from "../../model/plan.ts";
import type { Selector } from "../../policy/selector/parse-selector.ts";
import type { Address } from "../../address/parse-address.ts";
import { attachEndpoints } from "../../policy/world/attach-endpoints.ts";
import { endpointFieldsOfModel } from "../../policy/world/endpoint.ts";
import { nodeFactsOfModel } from "../../policy/world/node-facts.ts";
import type { CompiledPolicies, World } from "../../policy/world/world.ts";
import type { EssentialFlow } from "../essential-flows/essential-flow.ts";
import { endpointClasses } from "./endpoint-classes.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import { alikeFor, flowClasses } from "./flow-classes.ts";
import { judgeNodes, type Cut, type Judged } from "./judge-flow.ts";
import { isRefused, leastRefusal } from "./least-refusal.ts";
import { addressesOfNode } from "./node-addresses.ts";
import { endpointsIn, planStates, statesOf, type PlanStates } from "./plan-states.ts";
import { worthOf } from "./worth-of.ts";

export type ProofRequest = {
  readonly observed: readonly HostEndpoint[];
  readonly nodes: readonly Node[];
  readonly actions: readonly Action[];
  readonly policies: CompiledPolicies;
  /** Flows with their node selectors compiled. */
  readonly flows: readonly SelectedFlow[];
  /** False when other nodes and their endpoints were not read; they are then somewhere in these blocks. */
  readonly complete: boolean;
  readonly nodeBlocks: readonly string[];
};
export type SelectedFlow = { readonly flow: EssentialFlow; readonly selector: Selector | undefined };

export type Proof = {
  /** Why an action must wait: the cuts that it is to blame for. */
  readonly blamed: ReadonlyMap<Action, readonly Cut[]>;
  /** Writes that were not looked at: one run has room for some writes of one address only. */
  readonly tooMany: ReadonlySet<Action>;
  /** What is denied, or may be, with the endpoints that are there now. */
  readonly deniedNow: readonly Cut[];
  /** The world before, for explanations. */
  readonly before: World;
  readonly after: World;
};

export function provePlan(request: ProofRequest): Proof {
  const own = new Map(request.nodes.map((it) => [it.name, addressesOfNode(it)]));
  const states = planStates(request.actions, own);
  const nodes = request.nodes.map(nodeFactsOfModel);
  const worlds = Array.from({ length: states.count }, (_, state) =>
    attachEndpoints(request.policies, {
      endpoints: endpointsIn(states, state, request.observed).map(endpointFieldsOfModel),
      nodes,
    }),
  );
  const [before] = worlds;
  const after = worlds.at(-1);
  if (before === undefined || after === undefined)
    throw new Error("there is always the state in which nothing is done");
  const governed = request.nodes.filter((it) => isEverGoverned(worlds, it.name));
  const addressesOf = (node: string) => own.get(node) ?? [];
  const groups = nodeGroups(governed, worlds, states, addressesOf);
  const addresses = [...own.values()].flat();
  const lookFor = flowClasses(
    request.complete
      ? { kind: "all", addresses, tunnelPeers: before.tunnelPeers }
      : { kind: "some", blocks: request.nodeBlocks },
    worlds,
    addresses,
  );
  const blamed = new Map<Action, Cut[]>();
  const blame = (cut: Cut, actions: readonly Action[]): void => {
    for (const action of actions) {
      const cuts = blamed.get(action);
      if (cuts === undefined) blamed.set(action, [cut]);
      else cuts.push(cut);
    }
  };
  const together: Judged["together"][number][] = [];
  const deniedNow: Cut[] = [];
  for (const { flow, selector } of request.flows) {
    const look = lookFor(flow);
    for (const { nodes } of groups) {
      const needing = nodes.filter((it) => needs({ flow, selector }, it));
      for (const alike of alikeFor(flow, needing, look, addressesOf)) {
        const judged = judgeNodes({ states, worlds, look, addressesOf }, flow, alike);
        if (judged.deniedNow !== undefined) deniedNow.push(judged.deniedNow);
        for (const { cut, actions } of judged.cuts) blame(cut, actions);
        together.push(...judged.together);
      }
    }
  }
  const worth = worthOf(request.nodes, request.actions);
  const refused = leastRefusal(together, new Set([...blamed.keys(), ...states.tooMany]), worth);
  for (const { cut, own, other } of together)
    for (const side of [own, other]) if (isRefused(side, refused)) blame(cut, side);
  return { blamed, tooMany: states.tooMany, deniedNow, before, after };
}

type Group = { readonly nodes: readonly Node[] };

/** Nodes with like endpoints, addresses of the same families, and as many states of their own. */
function nodeGroups(
  nodes: readonly Node[],
  worlds: readonly World[],
  states: PlanStates,
  addressesOf: (node: string) => readonly Address[],
): readonly Group[] {
  const classes = endpointClasses(worlds.flatMap(everyReading));
  const keyOf = ({ name }: Node) => {
    const families = addressesOf(name).map((it) => it.family);
    return `${classes.get(name) ?? ""} ${statesOf(states.bundleOfNode.get(name)).length} ${families.join()}`;
  };
  return [...Map.groupBy(nodes, keyOf).values()].map((it) => ({ nodes: it }));
}

/** A node that has no endpoint in any state is Calico's business in none. */
function isEverGoverned(worlds: readonly World[], node: string): boolean {
  return worlds.flatMap(everyReading).some((world) => {
    const there = world.nodes.get(node);
    return there !== undefined && (there.wildcard !== undefined || there.endpoints.length > 0);
  });
}

/** True for a node that the flow is essential for. */
export function needs({ flow, selector }: SelectedFlow, node: Node): boolean {
  return (flow.onNodes?.has(node.name) ?? true) && (selector?.matches(labelsOf(node)) ?? true);
}

function labelsOf(node: Node): ReadonlyMap<string, string> {
  return new Map(Object.entries(node.labels));
}
