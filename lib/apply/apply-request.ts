import type { CalicoGroup } from "../model/calico-group.ts";
import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { LetThrough } from "../model/guarded-plan.ts";

/** What is to be applied, and on whose behalf. */
export type ApplyRequest = {
  readonly actions: readonly LetThrough[];
  readonly group: CalicoGroup;
  readonly owner: string;
  /** Writes in flight at most. */
  readonly concurrency: number;
  /** The endpoints that a live node should have now; asked with a fresh Node before a deletion, and when somebody else wrote first. */
  readonly wantedBy: (node: Node) => readonly DesiredHostEndpoint[];
  /** What the guard says of an endpoint that must be put back for a machine that registered meanwhile; absent: not asked. */
  readonly mayRestore?: (node: Node, desired: DesiredHostEndpoint) => boolean;
  /** Told after each action, for progress. */
  readonly onOutcome?: (outcome: ActionOutcome) => void;
};
