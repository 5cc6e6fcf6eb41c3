import { Duration } from "aws-cdk-lib";
import { Match, Rule } from "aws-cdk-lib/aws-events";
import type { EventPattern } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Construct } from "constructs";
import { lifecycleHookNames, ROUTED_EVENTS, routedRules, type RoutedRule } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import type { EventQueue } from "./event-queue.ts";

export type EventRoutingProps = {
  readonly settings: ClusterSettings;
  readonly events: EventQueue;
  /** Longest time between two resyncs. */
  readonly interval: Duration;
};

/** EventBridge keeps trying for a minute at least and a day at most. */
const SHORTEST_AGE_SECONDS = 60;
const LONGEST_AGE_SECONDS = 86_400;

/**
 * Which AWS events reach the queue. Patterns filter as far as patterns can: Auto Scaling events by group or hook name; state
 * changes, Spot warnings and Health events carry no cluster, so those of the whole account arrive, and the function drops the
 * foreign ones cheaply. Events are hints and best effort (docs/aws.md 3.1); the resync makes the result right.
 */
export class EventRouting extends Construct {
  readonly rules: readonly Rule[];

  constructor(scope: Construct, id: string, { settings, events, interval }: EventRoutingProps) {
    super(scope, id);
    // When the next resync has been, an event older than that says nothing new; but a hook still waits for its answer.
    const age = Math.max(interval.toSeconds(), settings.lifecycle.heartbeat, SHORTEST_AGE_SECONDS);
    const target = new SqsQueue(events.queue, {
      deadLetterQueue: events.undeliverable,
      maxEventAge: Duration.seconds(Math.min(age, LONGEST_AGE_SECONDS)),
      retryAttempts: 185,
    });
    const patterns = eventPatterns(settings);
    this.rules = routedRules(settings).map((name) => {
      const { description, ...narrower } = patterns[name];
      const { source, detailTypes } = ROUTED_EVENTS[name];
      const eventPattern = { source: [source], detailType: [...detailTypes], ...narrower };
      return new Rule(this, name, { description, eventPattern, targets: [target] });
    });
  }
}

/** What a rule says beyond source and detail type. */
type RoutedPattern = Pick<EventPattern, "detail"> & { readonly description: string };

function eventPatterns(settings: ClusterSettings): Readonly<Record<RoutedRule, RoutedPattern>> {
  const hooks = Object.values(lifecycleHookNames(settings.id));
  return {
    GroupLifecycle: {
      description:
        "An instance of one of our groups is about to start or to end: any hook, ours and EKS's own",
      detail: { AutoScalingGroupName: [...settings.autoScalingGroups] },
    },
    NodeGroupLifecycle: {
      description: "One of our hooks on the group of an EKS managed node group waits for an answer",
      // The names of these groups are made by EKS (eks-NODEGROUP-UUID); ours among the self-managed ones have their own rule.
      detail: { LifecycleHookName: hooks, AutoScalingGroupName: Match.prefix("eks-") },
    },
    InstanceState: {
      description: "An instance of this account starts or ends; of which cluster, the event does not say",
      // EventBridge's own guide shows RUNNING in an example (docs/aws.md 3.2).
      detail: {
        state: ["pending", "running", "shutting-down", "terminated"].flatMap((state) =>
          Match.equalsIgnoreCase(state),
        ),
      },
    },
    Interruption: { description: "An instance is about to be taken back" },
    Health: {
      description: "AWS announces maintenance or retirement of EC2 instances",
      detail: { service: ["EC2"], eventTypeCategory: ["scheduledChange"] },
    },
  };
}
