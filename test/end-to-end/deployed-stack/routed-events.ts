/**
 * Which recorded AWS event goes through which rule, for a stack that owns the group `prod-workers` and keeps hooks on managed node
 * groups. Both directions: an event that is not named for a rule must not match it.
 */
import { recordedEvent, recordedEventNames } from "../../events/events.ts";
import type { EventChanges, RecordedEvent } from "../../events/events.ts";

export type RuleName = "GroupLifecycle" | "NodeGroupLifecycle" | "InstanceState" | "Interruption" | "Health";

export type RoutedEvent = {
  readonly name: string;
  readonly event: RecordedEvent;
  /** Undefined: no rule lets it through. */
  readonly rule: RuleName | undefined;
};

/** By the name of the recorded event. What is not here (other sources, bodies that are no events) must match nothing. */
const AS_RECORDED: Readonly<Record<string, RuleName>> = {
  "asg-launch-lifecycle": "GroupLifecycle",
  "asg-launch-lifecycle-from-warm-pool": "GroupLifecycle",
  "asg-launch-lifecycle-into-warm-pool": "GroupLifecycle",
  "asg-launch-successful": "GroupLifecycle",
  "asg-launch-successful-into-warm-pool": "GroupLifecycle",
  "asg-terminate-lifecycle": "GroupLifecycle",
  "asg-terminate-lifecycle-foreign-hook": "GroupLifecycle",
  "asg-terminate-lifecycle-into-warm-pool": "GroupLifecycle",
  "asg-terminate-successful": "GroupLifecycle",
  "ec2-state-pending": "InstanceState",
  "ec2-state-running": "InstanceState",
  "ec2-state-running-upper-case": "InstanceState",
  "ec2-state-shutting-down": "InstanceState",
  "ec2-state-terminated": "InstanceState",
  "health-instance-retirement": "Health",
  "health-several-instances": "Health",
  "poison-lifecycle": "GroupLifecycle",
  "rebalance-recommendation": "Interruption",
  "spot-interruption": "Interruption",
};

const NODE_GROUP = "eks-workers-e2c51b0a-1f7c-4f5e-9d3a-0a1b2c3d4e5f";

/** The same events for groups and hooks that are not those of the recording. */
const CHANGED: readonly (readonly [name: string, changes: EventChanges, rule: RuleName | undefined])[] = [
  ["asg-launch-lifecycle", { autoScalingGroup: "staging-workers" }, undefined],
  ["asg-terminate-lifecycle", { autoScalingGroup: "prod-workers-2" }, undefined],
  ["asg-launch-successful", { autoScalingGroup: "staging-workers" }, undefined],
  ["asg-terminate-successful", { autoScalingGroup: NODE_GROUP }, undefined],
  [
    "asg-launch-lifecycle",
    { autoScalingGroup: NODE_GROUP, hook: "hostendpoint-reconciler-launch" },
    "NodeGroupLifecycle",
  ],
  [
    "asg-terminate-lifecycle",
    { autoScalingGroup: NODE_GROUP, hook: "hostendpoint-reconciler-terminate" },
    "NodeGroupLifecycle",
  ],
  ["asg-terminate-lifecycle", { autoScalingGroup: NODE_GROUP, hook: "Terminate-LC-Hook" }, undefined],
  ["asg-launch-lifecycle", { autoScalingGroup: NODE_GROUP, hook: "another-id-launch" }, undefined],
  [
    "asg-launch-lifecycle",
    { autoScalingGroup: "staging-workers", hook: "hostendpoint-reconciler-launch" },
    undefined,
  ],
];

/** All cases; each with an instance of its own, so that what arrives can be told apart. */
export function routedEvents(): readonly RoutedEvent[] {
  const isEvent = (name: string) => "detail-type" in recordedEvent(name);
  const cases = [
    ...recordedEventNames()
      .filter(isEvent)
      .map((name) => [name, {}, AS_RECORDED[name]] as const),
    ...CHANGED,
  ];
  return cases.map(([name, changes, rule], index) => ({
    name: [name, ...Object.values(changes)].join(" "),
    event: recordedEvent(name, { ...changes, instanceId: `i-0${index.toString(16).padStart(16, "0")}` }),
    rule,
  }));
}
