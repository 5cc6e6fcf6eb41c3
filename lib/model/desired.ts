import type { DesiredHostEndpoint } from "./host-endpoint.ts";
import type { UnfitReason, WaitingReason } from "./words/node-reasons.ts";

export type { UnfitReason, WaitingReason };

export type DesiredNode =
  | { readonly kind: "wanted"; readonly node: string; readonly endpoints: readonly DesiredHostEndpoint[] }
  | {
      readonly kind: "waiting";
      readonly node: string;
      readonly reason: WaitingReason;
      readonly detail: string;
      readonly endpoints: readonly DesiredHostEndpoint[];
    }
  | { readonly kind: "unfit"; readonly node: string; readonly reason: UnfitReason; readonly detail: string };

/** Sorted by node name. */
export type Desired = { readonly nodes: readonly DesiredNode[] };
