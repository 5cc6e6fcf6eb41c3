/**
 * Before and after, for every node and every essential flow: which writes of a plan would turn an allow into a deny.
 *
 * In: the endpoints that are there, the writes, compiled policies, nodes, flows. Out: the cuts, each with the writes that
 * are to blame for it, and what is denied already.
 * Must never happen: an order of the writes that are not blamed, interrupted anywhere, in which a flow is worse off than now.
 *
 * Why no order can: writes that share a node or an address form a bundle, and every subset of a bundle is looked at
 * (`plan-states.ts`). A flow looks at its own node and at one other address, so the state of two bundles decides it, and
 * every pair of their states is looked at. Withholding a bundle takes states away and adds none.
 */
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Node } from "../../model/node.ts";
import type { Action } from "../../model/plan.ts";
import type { Verdict } from "../../model/verdict.ts";
import { formatAddress, parseAddress, type Address } from "../../policy/address/parse-address.ts";
import type { Selector } from "../../policy/selector/parse-selector.ts";
import { attachEndpoints } from "../../policy/world/attach-endpoints.ts";
import { endpointFieldsOfModel } from "../../policy/world/endpoint.ts";
import { nodeFactsOfModel } from "../../policy/world/node-facts.ts";
import type { CompiledPolicies, World } from "../../policy/world/world.ts";
import type { EssentialFlow } from "../essential-flows/essential-flow.ts";
import { addressClasses, type AddressClasses } from "./address-classes.ts";
import { ask, isWorse, worstOf, type Answer, type Outcome } from "./ask.ts";
import { peerBook, probesFor, type PeerBook, type Probe } from "./expand-flows.ts";
import { flowCriteria, keyOf, type Criteria } from "./flow-criteria.ts";
import { mixedWorld } from "./mixed-world.ts";
import { endpointClasses } from "./endpoint-classes.ts";
import { addressesOf, endpointsIn, planStates, statesOf, type PlanStates } from "./plan-states.ts";

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

/** A flow that is worse off in some state, on nodes that are alike. */
export type Cut = {
  readonly flow: EssentialFlow;
  /** For one of the nodes. */
  readonly probe: Probe;
  readonly verdict: Verdict;
  /** `unknown`: it may be denied, or it depends on which of the possible addresses is the real one. */
  readonly outcome: Exclude<Outcome, "allow">;
  readonly nodes: readonly string[];
};
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
    attachEndpoints(request.policies, { endpoints: endpointsIn(states, state, request.observed).map(endpointFieldsOfModel), nodes }),
  );
  const [before] = worlds;
  const after = worlds.at(-1);
  if (before === undefined || after === undefined) throw new Error("there is always the state in which nothing is done");
  const governed = request.nodes.filter((it) => isEverGoverned(worlds, it.name));
  const groups = nodeGroups(governed, worlds, states);
  const addressesOf = (node: string) => own.get(node) ?? [];
  const lookFor = flowLook(request, worlds, [...own.values()].flat());
  const blamed = new Map<Action, Cut[]>();
  const deniedNow: Cut[] = [];
  for (const { flow, selector } of request.flows) {
    const look = lookFor(flow);
    for (const { nodes } of groups) {
      const needing = selector === undefined ? nodes : nodes.filter((it) => selector.matches(labelsOf(it)));
      for (const alike of alikeFor(flow, needing, look, addressesOf)) {
        const judged = judgeNodes({ states, worlds, look, addressesOf }, flow, alike);
        if (judged.deniedNow !== undefined) deniedNow.push(judged.deniedNow);
        for (const { cut, actions } of judged.cuts)
          for (const action of actions) {
            const cuts = blamed.get(action);
            if (cuts === undefined) blamed.set(action, [cut]);
            else cuts.push(cut);
          }
      }
    }
  }
  return { blamed, tooMany: states.tooMany, deniedNow, before, after };
}

type Group = { readonly nodes: readonly Node[] };

/** Nodes with like endpoints, addresses of the same families, and as many states of their own. */
function nodeGroups(nodes: readonly Node[], worlds: readonly World[], states: PlanStates): readonly Group[] {
  const classes = endpointClasses(worlds);
  const keyOf = (node: Node) =>
    `${classes.get(node.name) ?? ""} ${statesOf(states.bundleOfNode.get(node.name)).length} ${addressesOfNode(node).map((it) => it.family).join()}`;
  return [...Map.groupBy(nodes, keyOf).values()].map((it) => ({ nodes: it }));
}

/** How the rules that a flow can meet tell addresses apart. */
type FlowLook = { readonly local: AddressClasses; readonly peer: AddressClasses; readonly book: PeerBook };

/** Flows of one shape meet the same rules: what is found out for one is kept for the others. */
function flowLook(request: ProofRequest, worlds: readonly World[], nodeAddresses: readonly Address[]): (flow: EssentialFlow) => FlowLook {
  const values = new Set(nodeAddresses.map((it) => it.value));
  const looks = new Map<string, FlowLook>();
  const settings = [...new Set([...(worlds[0]?.nodes.values() ?? [])].map((it) => it.settings))];
  const classes = new Map<string, AddressClasses>();
  const classesFor = (criteria: Criteria): AddressClasses => {
    const key = `${criteria.sets.join()}|${String(criteria.tunnels)}|${criteria.nets.map(keyOf).join(";")}`;
    const found = classes.get(key) ?? addressClasses(worlds, criteria, values);
    classes.set(key, found);
    return found;
  };
  return (flow) => {
    const shape = `${flow.direction} ${flow.protocol} ${flow.port ?? ""}`;
    const known = looks.get(shape);
    const [world] = worlds;
    if (known !== undefined || world === undefined) return known as FlowLook;
    const criteria = flowCriteria(world.policies, settings, flow);
    const peer = classesFor(criteria.peer);
    const look: FlowLook = {
      local: classesFor(criteria.local),
      peer,
      book: peerBook(peer, request.complete ? { kind: "all", addresses: nodeAddresses } : { kind: "some", blocks: request.nodeBlocks }),
    };
    looks.set(shape, look);
    return look;
  };
}

/** Of nodes with like endpoints, those whose own addresses are alike too for what the flow can meet. */
function alikeFor(
  flow: EssentialFlow,
  nodes: readonly Node[],
  look: FlowLook,
  addressesOf: (node: string) => readonly Address[],
): readonly (readonly string[])[] {
  // A node that is the only one of its kind among the peers has nobody of that kind to talk to.
  const alone = new Set(flow.peers.flatMap((peers) => ([4, 6] as const).flatMap((family) => loneAddresses(look, look.book(peers, family)))));
  const names = nodes.map((it) => it.name);
  if (alone.size === 0 && look.local.areAllAlike && (flow.direction !== "local" || look.peer.areAllAlike)) return [names];
  const keyOf = (name: string): string =>
    addressesOf(name)
      .map((it) => {
        const self = flow.direction === "local" ? look.peer.classOf(it) : "";
        return `${look.local.classOf(it)}/${self}/${alone.has(it.value) ? formatAddress(it) : ""}`;
      })
      .join();
  return [...Map.groupBy(names, keyOf).values()];
}

function loneAddresses(look: FlowLook, peers: readonly Address[]): readonly (number | bigint)[] {
  const classes = Map.groupBy(peers, (it) => look.peer.classOf(it));
  return [...classes.values()].flatMap((it) => (it.length === 1 ? it.map(({ value }) => value) : []));
}

type Context = {
  readonly states: PlanStates;
  readonly worlds: readonly World[];
  readonly look: FlowLook;
  readonly addressesOf: (node: string) => readonly Address[];
};
type Judged = {
  readonly cuts: readonly { readonly cut: Cut; readonly actions: readonly Action[] }[];
  readonly deniedNow: Cut | undefined;
};

function judgeNodes(context: Context, flow: EssentialFlow, nodes: readonly string[]): Judged {
  const [name] = nodes;
  const node = name === undefined ? undefined : context.worlds[0]?.nodes.get(name);
  if (name === undefined || node === undefined) return { cuts: [], deniedNow: undefined };
  const cuts: { cut: Cut; actions: readonly Action[] }[] = [];
  const judged = probesFor(flow, node, context.addressesOf(name), context.look.book).map((probe) => judgeProbe(context, name, probe));
  const byOwn = cutOf(flow, nodes, judged.flatMap(({ probe, own }) => (own === undefined ? [] : [{ probe, answer: own }])), judged.length);
  if (byOwn !== undefined)
    cuts.push({ cut: byOwn, actions: [...new Set(nodes.flatMap((it) => context.states.bundleOfNode.get(it)?.actions ?? []))] });
  for (const { probe, other } of judged) {
    if (other === undefined) continue;
    const byOther = cutOf(flow, nodes, [{ probe, answer: other }], 1);
    if (byOther !== undefined) cuts.push({ cut: byOther, actions: writesOfClass(context, probe.peer) });
  }
  return { cuts, deniedNow: cutOf(flow, nodes, judged.map((it) => ({ probe: it.probe, answer: it.now })), judged.length) };
}

type JudgedProbe = {
  readonly probe: Probe;
  readonly now: Answer;
  /** The worst that the node's own writes make of it, when that is worse than now. */
  readonly own: Answer | undefined;
  /** The same for the writes of the other side alone. */
  readonly other: Answer | undefined;
};

function judgeProbe(context: Context, name: string, probe: Probe): JudgedProbe {
  const { worlds, states, look } = context;
  const ownStates = statesOf(states.bundleOfNode.get(name));
  const answerIn = (own: number, others: number): Answer | undefined => {
    const [mine, theirs] = [worlds[own], worlds[others]];
    if (mine === undefined || theirs === undefined) return undefined;
    return ask(look.peer.isSame(probe.peer, own, others) ? mine : mixedWorld(mine, theirs, probe.local, probe.peer), probe);
  };
  const now = answerIn(0, 0) ?? { outcome: "allow", verdict: { verdict: "allow", reason: "not-governed", decidedBy: {}, path: [] } };
  // Its own address moves with its own writes; nobody else's writes matter then.
  const isOwnAddress = probe.peer.value === probe.local.value;
  const otherStates = worlds.map((_, state) => state).filter((state) => state === 0 || (!isOwnAddress && !look.peer.isSame(probe.peer, 0, state)));
  const worse = (answers: readonly (Answer | undefined)[]): Answer | undefined =>
    worstOf(answers.filter((it) => it !== undefined && isWorse(now.outcome, it.outcome)) as readonly Answer[]);
  const own = worse(
    ownStates.filter((it) => it > 0).flatMap((state) => (isOwnAddress ? [answerIn(state, state)] : otherStates.map((others) => answerIn(state, others)))),
  );
  return { probe, now, own, other: worse(otherStates.filter((it) => it > 0).map((others) => answerIn(0, others))) };
}

/**
 * One cut from the answers of a flow's probes: denied when every address that it may be about is; unknown when only some
 * of them are, and nobody knows which one is the real one.
 */
function cutOf(
  flow: EssentialFlow,
  nodes: readonly string[],
  answers: readonly { readonly probe: Probe; readonly answer: Answer }[],
  asked: number,
): Cut | undefined {
  const bad = answers.filter((it) => it.answer.outcome !== "allow");
  const worst = worstOf(bad.map((it) => ({ ...it, outcome: it.answer.outcome })));
  if (worst === undefined || worst.outcome === "allow") return undefined;
  const certain = bad.some(({ probe, answer }) => answer.outcome === "deny" && isCertain(probe)) || bad.length === asked;
  return {
    flow,
    probe: worst.probe,
    verdict: worst.answer.verdict,
    outcome: worst.outcome === "deny" && certain ? "deny" : "unknown",
    nodes,
  };
}

function isCertain(probe: Probe): boolean {
  return probe.peers.kind !== "one-of" && probe.peers.kind !== "some-node";
}

/** A node that has no endpoint in any state is Calico's business in none. */
function isEverGoverned(worlds: readonly World[], node: string): boolean {
  return worlds.some((world) => {
    const there = world.nodes.get(node);
    return there !== undefined && (there.wildcard !== undefined || there.endpoints.length > 0);
  });
}

/** The writes that move addresses of one class: whoever is blamed as the other side of a flow stands for its whole class. */
function writesOfClass({ states, look }: Context, peer: Address): readonly Action[] {
  const number = look.peer.classOf(peer);
  return states.bundles
    .filter(({ actions }) =>
      actions.flatMap(addressesOf).some((text) => {
        const address = parseAddress(text);
        return address !== undefined && look.peer.classOf(address) === number;
      }),
    )
    .flatMap((it) => it.actions);
}

/** One address for each family: the first InternalIP, which is the one that others reach the node by. */
export function addressesOfNode(node: Node): readonly Address[] {
  const all = ["InternalIP", "ExternalIP"].flatMap((type) =>
    node.addresses.flatMap((it) => (it.type === type ? (parseAddress(it.address) ?? []) : [])),
  );
  return ([4, 6] as const).flatMap((family) => all.find((it) => it.family === family) ?? []);
}

function labelsOf(node: Node): ReadonlyMap<string, string> {
  return new Map(Object.entries(node.labels));
}

/** `10.0.0.5:443`, or the address alone. */
export function describePeer({ peer, question }: Probe): string {
  const { port } = question.destination;
  const text = formatAddress(peer);
  if (port === undefined || port === null || question.direction === "ingress") return text;
  return peer.family === 6 ? `[${text}]:${port}` : `${text}:${port}`;
}
