import type { Node } from "../../model/node.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { EssentialFlow } from "../essential-flows/essential-flow.ts";
import { addressClasses } from "./address-classes.ts";
import { answerProbe, worstOf, type Outcome } from "./answer-probe.ts";
import { peerBook, probesFor, type Probe } from "./probes-for.ts";
import { flowCriteria } from "./flow-criteria.ts";
import type { ProofBasis } from "./prepare-proof.ts";
import { needs } from "./prove-plan.ts";
import { addressesOfNode } from "./node-addresses.ts";

export type AnsweredFlow = {
  readonly flow: EssentialFlow;
  /** The one that fares worst. */
  readonly probe: Probe;
  readonly outcome: Outcome;
  readonly verdict: Verdict;
};

/** What becomes of each essential flow of one node in a world; flows that ask nothing of the node are left out. */
export function answerFlows(node: Node, basis: ProofBasis): readonly AnsweredFlow[] {
  const { world } = basis;
  const there = world.nodes.get(node.name);
  if (there === undefined) return [];
  const own = addressesOfNode(node);
  return basis.flows
    .filter((it) => needs(it, node))
    .flatMap(({ flow }) => {
      const { peer } = flowCriteria(world.policies, [there.settings], flow);
      const nodes = basis.known.kind === "all" ? basis.known.addresses : own;
      const classes = addressClasses([world], peer, new Set(nodes.map((it) => it.value)));
      const book = peerBook(classes, basis.known);
      const answers = probesFor(flow, there, own, book).map((probe) => ({
        flow,
        probe,
        ...answerProbe(world, probe),
      }));
      const worst = worstOf(answers);
      return worst === undefined ? [] : [worst];
    });
}
