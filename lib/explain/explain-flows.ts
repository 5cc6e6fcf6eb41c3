import type { FlowSettings } from "../guard/essential-flows/choose-flows.ts";
import { answerFlows } from "../guard/proof/answer-flows.ts";
import { prepareProof } from "../guard/proof/prepare-proof.ts";
import type { Node } from "../model/node.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { World } from "../policy/world/world.ts";
import type { ExplainedFlow } from "./explanation.ts";

/** What each essential flow of the node gets now, the worst answer of each. */
export function explainFlows(
  world: World,
  {
    node,
    policyObjects,
    calico,
    network,
  }: Pick<Snapshot, "policyObjects" | "calico" | "network"> & { readonly node: Node },
  settings: FlowSettings,
): readonly ExplainedFlow[] {
  const basis = prepareProof({ complete: true, nodes: [node], policyObjects, calico, network }, settings);
  return answerFlows(world, node, basis).map(({ flow, probe, outcome, verdict }) => ({
    id: flow.id,
    flow: probe.question,
    verdict: outcome,
    reason: verdict.reason,
    decidedBy: verdict.decidedBy,
    ...(verdict.readings === undefined ? {} : { readings: verdict.readings }),
  }));
}
