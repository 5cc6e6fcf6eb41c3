import type { Action } from "../../model/plan.ts";
import type { Verdict } from "../../model/verdict.ts";
import { formatAddress, parseAddress, type Address } from "../../address/parse-address.ts";
import type { World } from "../../policy/world/world.ts";
import type { EssentialFlow } from "../essential-flows/essential-flow.ts";
import { answerEachVersion, isWorse, worstOf, type Answer, type Outcome } from "./answer-probe.ts";
import { answerOfVersions } from "./answer-of-versions.ts";
import { probesFor, type Probe } from "./probes-for.ts";
import type { FlowClasses } from "./flow-classes.ts";
import { worldBetween } from "./world-between.ts";
import type { Choice } from "./least-refusal.ts";
import { addressesOf, statesOf, type PlanStates } from "./plan-states.ts";

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

export type JudgeContext = {
  readonly states: PlanStates;
  readonly worlds: readonly World[];
  readonly look: FlowClasses;
  readonly addressesOf: (node: string) => readonly Address[];
};
export type Judged = {
  /** What these writes do whatever the others do. */
  readonly cuts: readonly { readonly cut: Cut; readonly actions: readonly Action[] }[];
  /** What both sides do together, and neither does alone. */
  readonly together: readonly ({ readonly cut: Cut } & Choice)[];
  readonly deniedNow: Cut | undefined;
};

/**
 * In: nodes that are alike for the flow. Out: who is to blame for what becomes worse, alone or together, and what is denied already.
 */
export function judgeNodes(context: JudgeContext, flow: EssentialFlow, nodes: readonly string[]): Judged {
  const [name] = nodes;
  const node = name === undefined ? undefined : context.worlds[0]?.nodes.get(name);
  if (name === undefined || node === undefined) return { cuts: [], together: [], deniedNow: undefined };
  const cuts: { cut: Cut; actions: readonly Action[] }[] = [];
  const judged = probesFor(flow, node, context.addressesOf(name), context.look.book).map((probe) =>
    judgeProbe(context, name, probe),
  );
  const byOwn = cutOf(
    flow,
    nodes,
    judged.flatMap(({ probe, own }) => (own === undefined ? [] : [{ probe, answer: own }])),
    judged.length,
  );
  const own = [...new Set(nodes.flatMap((it) => context.states.bundleOfNode.get(it)?.actions ?? []))];
  if (byOwn !== undefined) cuts.push({ cut: byOwn, actions: own });
  for (const { probe, other } of judged) {
    if (other === undefined) continue;
    const byOther = cutOf(flow, nodes, [{ probe, answer: other }], 1);
    if (byOther !== undefined) cuts.push({ cut: byOther, actions: writesOfClass(context, probe.peer) });
  }
  return {
    cuts,
    together: judged.flatMap(({ probe, joint }) => {
      if (joint === undefined) return [];
      const cut = cutOf(flow, nodes, [{ probe, answer: joint }], judged.length);
      return cut === undefined ? [] : [{ cut, own, other: writesOfClass(context, probe.peer) }];
    }),
    deniedNow: cutOf(
      flow,
      nodes,
      judged.map((it) => ({ probe: it.probe, answer: it.now })),
      judged.length,
    ),
  };
}

type JudgedProbe = {
  readonly probe: Probe;
  readonly now: Answer;
  /** The worst that the node's own writes alone make of it, when that is worse than now. */
  readonly own: Answer | undefined;
  /** The same for writes of both sides. */
  readonly joint: Answer | undefined;
  /** The same for the writes of the other side alone. */
  readonly other: Answer | undefined;
};

function judgeProbe(context: JudgeContext, name: string, probe: Probe): JudgedProbe {
  const { worlds, states, look } = context;
  const ownStates = statesOf(states.bundleOfNode.get(name));
  const answersIn = (own: number, others: number): readonly Answer[] => {
    const [mine, theirs] = [worlds[own], worlds[others]];
    if (mine === undefined || theirs === undefined) return [];
    return answerEachVersion(
      look.peer.isSame(probe.peer, own, others) ? mine : worldBetween(mine, theirs, probe.local, probe.peer),
      probe,
    );
  };
  const now = answersIn(0, 0);
  // Its own address moves with its own writes; nobody else's writes matter then.
  const isOwnAddress = probe.peer.value === probe.local.value;
  const otherStates = worlds
    .map((_, state) => state)
    .filter((state) => state === 0 || (!isOwnAddress && !look.peer.isSame(probe.peer, 0, state)));
  // Version by version: what one makes worse is not made good by another, in which it becomes better.
  const worse = (answers: readonly (readonly Answer[])[]): Answer | undefined =>
    worstOf(
      answers
        .filter((each) => each.some((it, version) => isWorse(now[version]?.outcome ?? "allow", it.outcome)))
        .map((each) => answerOfVersions(each, worlds[0])),
    );
  const written = ownStates.filter((it) => it > 0);
  const moved = otherStates.filter((it) => it > 0);
  return {
    probe,
    now: answerOfVersions(now, worlds[0]),
    own: worse(written.map((state) => answersIn(state, isOwnAddress ? state : 0))),
    joint: worse(written.flatMap((state) => moved.map((others) => answersIn(state, others)))),
    other: worse(moved.map((others) => answersIn(0, others))),
  };
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
  const certain =
    bad.some(({ probe, answer }) => answer.outcome === "deny" && isCertain(probe)) || bad.length === asked;
  return {
    flow,
    probe: worst.probe,
    verdict: worst.answer.verdict,
    outcome: worst.outcome === "deny" && certain ? "deny" : "unknown",
    nodes,
  };
}

function isCertain(probe: Probe): boolean {
  // Which addresses the node's pods have is not known either.
  return probe.flow.pods === undefined && !["one-of", "some-node", "pods"].includes(probe.peers.kind);
}

/** The writes that move addresses of one class: whoever is blamed as the other side of a flow stands for its whole class. */
function writesOfClass({ states, look }: JudgeContext, peer: Address): readonly Action[] {
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

/** `10.0.0.5:443`, or the address alone. */
export function describePeer({ peer, question }: Probe): string {
  const { port } = question.destination;
  const text = formatAddress(peer);
  if (port === undefined || port === null || question.direction === "ingress") return text;
  return peer.family === 6 ? `[${text}]:${port}` : `${text}:${port}`;
}
