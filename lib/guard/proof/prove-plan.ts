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
import { attachModelEndpoints } from "../../policy/world/compile-world.ts";
import type { CompiledPolicies, World } from "../../policy/world/world.ts";
import type { EssentialFlow } from "../essential-flows/essential-flow.ts";
import { addressClasses, type AddressClasses } from "./address-classes.ts";
import { ask, isWorse, worstOf, type Answer, type Outcome } from "./ask.ts";
import { peerBook, probesFor, type PeerBook, type Probe } from "./expand-flows.ts";
import { mixedWorld } from "./mixed-world.ts";
import { nodeClasses, type NodeClass } from "./node-classes.ts";
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
  const worlds = Array.from({ length: states.count }, (_, state) =>
    attachModelEndpoints(request.policies, { hostEndpoints: endpointsIn(states, state, request.observed), nodes: request.nodes }),
  );
  const context = prepare(request, own, states, worlds);
  const blamed = new Map<Action, Cut[]>();
  const deniedNow: Cut[] = [];
  for (const nodeClass of nodeClasses(context.grouping)) {
    const judged = judgeClass(context, nodeClass);
    deniedNow.push(...judged.deniedNow);
    for (const { cut, actions } of judged.cuts)
      for (const action of actions) blamed.set(action, [...(blamed.get(action) ?? []), cut]);
  }
  const [before] = worlds;
  const after = worlds.at(-1);
  if (before === undefined || after === undefined) throw new Error("there is always the state in which nothing is done");
  return { blamed, tooMany: states.tooMany, deniedNow, before, after };
}

type Context = {
  readonly states: PlanStates;
  readonly worlds: readonly World[];
  readonly classes: AddressClasses;
  readonly book: PeerBook;
  readonly flowsOf: (node: string) => readonly EssentialFlow[];
  readonly addressesOf: (node: string) => readonly Address[];
  readonly writesOfClass: (address: Address) => readonly Action[];
  readonly grouping: Parameters<typeof nodeClasses>[0];
};

function prepare(
  request: ProofRequest,
  own: ReadonlyMap<string, readonly Address[]>,
  states: PlanStates,
  worlds: readonly World[],
): Context {
  const all = [...own.values()].flat();
  const classes = addressClasses(worlds, all);
  const perClass = Map.groupBy(all, (it) => classes.classOf(it));
  const selected = new Map(
    request.nodes.map((node) => [node.name, request.flows.filter((it) => it.selector?.matches(labelsOf(node)) ?? true)]),
  );
  const ownOf = (node: string) => own.get(node) ?? [];
  return {
    states,
    worlds,
    classes,
    book: peerBook(classes, request.complete ? { kind: "all", addresses: all } : { kind: "some", blocks: request.nodeBlocks }),
    flowsOf: (node) => (selected.get(node) ?? []).map((it) => it.flow),
    addressesOf: ownOf,
    writesOfClass: writesOfClasses(states, classes),
    grouping: {
      worlds,
      classes,
      addressesOf: ownOf,
      flowsOf: (node) => (selected.get(node) ?? []).map((it) => it.flow.id).join(),
      statesOf: (node) => statesOf(states.bundleOfNode.get(node)).length,
      isAlone: (address) => (perClass.get(classes.classOf(address))?.length ?? 0) < 2,
    },
  };
}

type Judged = {
  readonly cuts: readonly { readonly cut: Cut; readonly actions: readonly Action[] }[];
  readonly deniedNow: readonly Cut[];
};

function judgeClass(context: Context, { nodes }: NodeClass): Judged {
  const [name] = nodes;
  const world = context.worlds[0];
  const node = name === undefined ? undefined : world?.nodes.get(name);
  if (name === undefined || node === undefined || !isEverGoverned(context, name)) return { cuts: [], deniedNow: [] };
  const cuts: { cut: Cut; actions: readonly Action[] }[] = [];
  const deniedNow: Cut[] = [];
  const ownWrites = nodes.flatMap((it) => context.states.bundleOfNode.get(it)?.actions ?? []);
  for (const flow of context.flowsOf(name)) {
    const judged = probesFor(flow, node, context.addressesOf(name), context.book).map((probe) => judgeProbe(context, name, probe));
    const now = cutOf(flow, nodes, judged.map((it) => ({ probe: it.probe, answer: it.now })), judged.length);
    if (now !== undefined) deniedNow.push(now);
    const byOwn = cutOf(flow, nodes, judged.flatMap(({ probe, own }) => (own === undefined ? [] : [{ probe, answer: own }])), judged.length);
    if (byOwn !== undefined) cuts.push({ cut: byOwn, actions: ownWrites });
    for (const { probe, other } of judged) {
      if (other === undefined) continue;
      const byOther = cutOf(flow, nodes, [{ probe, answer: other }], 1);
      if (byOther !== undefined) cuts.push({ cut: byOther, actions: context.writesOfClass(probe.peer) });
    }
  }
  return { cuts, deniedNow };
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
  const { worlds, classes, states } = context;
  const ownStates = statesOf(states.bundleOfNode.get(name));
  const answerIn = (own: number, others: number): Answer | undefined => {
    const [mine, theirs] = [worlds[own], worlds[others]];
    if (mine === undefined || theirs === undefined) return undefined;
    return ask(classes.isSame(probe.peer, own, others) ? mine : mixedWorld(mine, theirs, probe.local, probe.peer), probe);
  };
  const now = answerIn(0, 0) ?? { outcome: "allow", verdict: { verdict: "allow", reason: "not-governed", decidedBy: {}, path: [] } };
  // Its own address moves with its own writes; nobody else's writes matter then.
  const isOwnAddress = probe.peer.value === probe.local.value;
  const otherStates = worlds.map((_, state) => state).filter((state) => state === 0 || (!isOwnAddress && !classes.isSame(probe.peer, 0, state)));
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
function isEverGoverned(context: Context, node: string): boolean {
  return context.worlds.some((world) => {
    const there = world.nodes.get(node);
    return there !== undefined && (there.wildcard !== undefined || there.endpoints.length > 0);
  });
}

/** The writes that move addresses of one class: whoever is blamed as the other side of a flow stands for its whole class. */
function writesOfClasses(states: PlanStates, classes: AddressClasses): Context["writesOfClass"] {
  let known: Map<number, readonly Action[]> | undefined;
  const build = () => {
    const byClass = new Map<number, Set<Action>>();
    for (const bundle of states.bundles)
      for (const text of bundle.actions.flatMap(addressesOf)) {
        const address = parseAddress(text);
        if (address === undefined) continue;
        const number = classes.classOf(address);
        const writes = byClass.get(number) ?? new Set();
        byClass.set(number, writes);
        for (const action of bundle.actions) writes.add(action);
      }
    return new Map([...byClass].map(([number, writes]) => [number, [...writes]] as const));
  };
  return (address) => (known ??= build()).get(classes.classOf(address)) ?? [];
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
