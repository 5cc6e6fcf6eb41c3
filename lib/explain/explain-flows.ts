import type { FlowSettings } from "../guard/essential-flows/choose-flows.ts";
import { answerFlows } from "../guard/proof/answer-flows.ts";
import { prepareProof } from "../guard/proof/prepare-proof.ts";
import type { Node } from "../model/node.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { WorldSnapshot } from "../world/world-of.ts";
import type { ExplainedFlow } from "./explanation.ts";

/** What each essential flow of the node gets now, the worst answer of each. */
export function explainFlows(
  node: Node,
  snapshot: WorldSnapshot & Pick<Snapshot, "network">,
  settings: FlowSettings,
): readonly ExplainedFlow[] {
  return answerFlows(node, prepareProof(snapshot, settings)).map(({ flow, probe, outcome, verdict }) => ({
    id: flow.id,
    flow: probe.question,
    verdict: outcome,
    reason: verdict.reason,
    decidedBy: verdict.decidedBy,
    ...(verdict.readings === undefined ? {} : { readings: verdict.readings }),
  }));
}
