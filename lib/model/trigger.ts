import type { IgnoredReason } from "./words/ignored-reasons.ts";

export type { IgnoredReason };

/** Why we woke. Events are hints: a trigger says where to look, never what to do. */
export type Trigger = ResyncTrigger | InstanceTrigger | NodesTrigger;

/** Look at everything: the schedule, a manual invoke without nodes, the command line. */
export type ResyncTrigger = { readonly kind: "resync"; readonly source: "schedule" | "manual" };

/** Look at these Nodes: a manual invoke or `--node`. */
export type NodesTrigger = { readonly kind: "nodes"; readonly nodes: readonly string[] };

/** Look at the Node of one EC2 instance. */
export type InstanceTrigger = {
  readonly kind: "instance";
  readonly instanceId: string;
  readonly change: "launching" | "running" | "terminating" | "gone" | "interrupted";
  /** Present when an Auto Scaling lifecycle hook waits for an answer (ours or not). */
  readonly hook?: LifecycleHook;
  /** RFC 3339, when AWS says it happened. */
  readonly at?: string;
};

/** A lifecycle action that waits (docs/aws.md 3.2, 3.3). */
export type LifecycleHook = {
  readonly transition: "launch" | "terminate";
  readonly autoScalingGroup: string;
  readonly hook: string;
  /** Absent when the hook was found waiting, not told by an event: Auto Scaling then takes the instance's id. */
  readonly token?: string;
  readonly instanceId: string;
  /** Which installation put the hook (`NotificationMetadata`), when it says so. */
  readonly metadata?: string;
  /** With a warm pool: where the instance goes. A terminate to `WarmPool` is no termination. */
  readonly origin?: Place;
  readonly destination?: Place;
  /** Words in the two fields above that AWS has added since; they count as not said. */
  readonly unknownPlaces?: readonly string[];
};

export const PLACES = ["EC2", "AutoScalingGroup", "WarmPool"] as const;
export type Place = (typeof PLACES)[number];

/** One record, parsed once at the edge. */
export type ParsedTrigger =
  | { readonly kind: "trigger"; readonly trigger: Trigger }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason; readonly detail: string }
  | { readonly kind: "malformed"; readonly problems: readonly string[] };
