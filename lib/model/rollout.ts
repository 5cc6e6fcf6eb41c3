/**
 * Where a canary rollout stands for one endpoint: JSON in an annotation of ours on that endpoint (names ROLLOUT_ANNOTATION).
 * - `soaking`: a canary on trial; one that has passed loses its mark. - `rolled-back`: a canary that fell ill; it carries
 *   the allow profile and is about to be removed. - `halted`: the mark that keeps a rollout stopped (`haltName`).
 */
export type RolloutMark = {
  readonly phase: "soaking" | "rolled-back" | "halted";
  /** RFC 3339. */
  readonly since: string;
  /** For people: what happened. */
  readonly because?: string;
};

const PHASES: ReadonlySet<unknown> = new Set<RolloutMark["phase"]>(["soaking", "rolled-back", "halted"]);

/** The mark in an annotation's text; undefined when there is none that can be read. */
export function readRolloutMark(text: string | undefined): RolloutMark | undefined {
  if (text === undefined) return undefined;
  try {
    const mark = JSON.parse(text) as Partial<RolloutMark> | null;
    if (mark === null || !PHASES.has(mark.phase) || Number.isNaN(Date.parse(mark.since ?? "")))
      return undefined;
    return mark as RolloutMark;
  } catch {
    return undefined;
  }
}

/** How a canary's node fares; read for canaries on trial only. */
export type NodeHealth = {
  readonly node: string;
  /** `spec.renewTime` of its lease; undefined when it has none. */
  readonly leaseRenewedAt?: string;
  /** `spec.leaseDurationSeconds`; kubelets say 40. */
  readonly leaseSeconds?: number;
  /** Why something of this could not be read, mostly a missing permission. Nothing is proven then, and nothing held against the node. */
  readonly unreadable?: string;
  /** What a new connection to its kubelet said; undefined when nobody asked. */
  readonly probe?: "answered" | "failed";
};
