import type { Desired } from "../model/desired.ts";
import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { ROLLOUT_ANNOTATION } from "../names/names.ts";
import type { SafetySettings } from "../guard/rule.ts";
import { haltIn, trialsOf } from "./trials.ts";

/**
 * Keeps the mark of a rollout on the endpoints that are still part of one. On all others, and in every other stage, a mark
 * that is left over is drift like any other, and is repaired: so a canary that has passed loses its mark by itself.
 */
export function carryMarks(
  desired: Desired,
  snapshot: Snapshot,
  safety: Pick<SafetySettings, "id" | "canary" | "stage">,
): Desired {
  if (safety.stage !== "canary") return desired;
  const trials = trialsOf(snapshot, safety);
  const isStopped = haltIn(snapshot, safety) !== undefined || trials.some((it) => it.stand.kind === "sick");
  // While the rollout is stopped no trial ends: the next one that begins finds them as they are.
  const going = trials.filter((it) => isStopped || it.stand.kind !== "passed");
  const marks = new Map(going.map(({ endpoint, mark }) => [endpoint.name, mark]));
  if (marks.size === 0) return desired;
  const carry = (endpoint: DesiredHostEndpoint): DesiredHostEndpoint => {
    const mark = marks.get(endpoint.name);
    if (mark === undefined) return endpoint;
    return {
      ...endpoint,
      annotations: { ...endpoint.annotations, [ROLLOUT_ANNOTATION]: JSON.stringify(mark) },
    };
  };
  return {
    nodes: desired.nodes.map((it) =>
      it.kind === "unfit" ? it : { ...it, endpoints: it.endpoints.map(carry) },
    ),
  };
}
