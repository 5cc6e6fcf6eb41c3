import type { DesiredHostEndpoint } from "./host-endpoint.ts";

/** Closed words for why a node has no settled endpoint. */
export type UnfitReason =
  "windows" | "fargate" | "auto-mode" | "hybrid" | "no-template" | "invalid-name" | "outside-cidrs";
export type WaitingReason = "no-address" | "labels-settling";

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
