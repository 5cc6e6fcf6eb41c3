import type { SafetySettings } from "../guard/rule.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import { readRolloutMark, type RolloutMark } from "../model/rollout.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { NODE_UID_ANNOTATION, ROLLOUT_ANNOTATION } from "../names/names.ts";
import { isOwned } from "../plan/ownership.ts";
import { healthOf } from "./health.ts";
import { isHalt } from "./roll-back.ts";

/** How an endpoint that is part of a rollout stands. */
export type Trial = {
  readonly endpoint: HostEndpoint;
  /** As it should go on being written on the endpoint. */
  readonly mark: RolloutMark;
  readonly stand:
    | { readonly kind: "soaking" }
    /** Seen healthy after the soak time: it is a canary no more. */
    | { readonly kind: "passed" }
    /** Fell ill, or its rollback was interrupted. */
    | { readonly kind: "sick"; readonly because: string };
};

/** Every endpoint of ours that carries a mark and whose Node is there, sorted by name. Without its Node it is an orphan like any other. */
export function trialsOf(
  snapshot: Snapshot,
  safety: Pick<SafetySettings, "id" | "canary">,
): readonly Trial[] {
  const nodes = new Map(snapshot.nodes.map((it) => [it.name, it]));
  return snapshot.hostEndpoints.flatMap((endpoint): readonly Trial[] => {
    const mark = readRolloutMark(endpoint.annotations[ROLLOUT_ANNOTATION]);
    if (mark === undefined || !isOwned(endpoint, safety.id) || isHalt(endpoint)) return [];
    if (mark.phase === "rolled-back")
      return [
        {
          endpoint,
          mark,
          stand: { kind: "sick", because: mark.because ?? `Node/${endpoint.node} fell ill` },
        },
      ];
    const node = nodes.get(endpoint.node);
    return mark.phase !== "soaking" || node === undefined
      ? []
      : [judge(endpoint, node, mark, snapshot, safety)];
  });
}

function judge(
  endpoint: HostEndpoint,
  node: Node,
  mark: RolloutMark,
  snapshot: Snapshot,
  { canary }: Pick<SafetySettings, "canary">,
): Trial {
  // Another machine under the same name: what the first one stood says nothing about it.
  if (endpoint.annotations[NODE_UID_ANNOTATION] !== node.uid)
    return { endpoint, mark: { phase: "soaking", since: snapshot.takenAt }, stand: { kind: "soaking" } };
  const health = healthOf(node, mark, snapshot);
  if (health.kind === "sick") return { endpoint, mark, stand: health };
  const soaked = Date.parse(snapshot.takenAt) - Date.parse(mark.since) >= canary.soakSeconds * 1000;
  return { endpoint, mark, stand: { kind: soaked && health.kind === "healthy" ? "passed" : "soaking" } };
}

/** The mark that keeps a rollout stopped. */
export function haltIn(snapshot: Snapshot, safety: Pick<SafetySettings, "id">): HostEndpoint | undefined {
  return snapshot.hostEndpoints.find((it) => isOwned(it, safety.id) && isHalt(it));
}
