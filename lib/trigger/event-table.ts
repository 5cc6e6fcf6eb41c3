/**
 * Which AWS event means what: one row for each source and detail-type that we understand (docs/aws.md 3.2).
 * Each row checks the shape of `detail` and says what happened, or why it is of no interest.
 */
import * as z from "zod";
import type { InstanceTrigger, LifecycleHook, ParsedTrigger } from "../model/trigger.ts";
import { describeProblems } from "./parse-request.ts";

/** The part of an EventBridge event that a row sees. */
export type EventFacts = { readonly detail: unknown; readonly at?: string };
type Row = (event: EventFacts) => ParsedTrigger;

const instanceId = z.string().regex(/^i-[0-9a-f]+$/, "not an EC2 instance id");
const place = z.enum(["EC2", "AutoScalingGroup", "WarmPool"]);

/** Also the body that Auto Scaling itself puts on a queue or topic: the same fields, without an envelope. */
const lifecycleAction = z.object({
  LifecycleActionToken: z.string().min(1),
  AutoScalingGroupName: z.string().min(1),
  LifecycleHookName: z.string().min(1),
  EC2InstanceId: instanceId,
  LifecycleTransition: z.enum(["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]),
  // The guide says warm pools only; a sample of 2022 has them without one. Optional either way.
  Origin: place.optional(),
  Destination: place.optional(),
});

const groupActivity = z.object({ EC2InstanceId: instanceId, Destination: place.optional() });
const stateChange = z.object({ "instance-id": instanceId, state: z.string() });
const interruption = z.object({ "instance-id": instanceId });
const health = z.object({
  service: z.string(),
  affectedEntities: z.array(z.object({ entityValue: z.string() })).default([]),
});

/** Makes a row: the detail is checked first, and a wrong one is malformed. */
function row<T>(schema: z.ZodType<T>, understand: (detail: T, at: string | undefined) => ParsedTrigger): Row {
  return ({ detail, at }) => {
    const parsed = schema.safeParse(detail);
    if (!parsed.success)
      return { kind: "malformed", problems: describeProblems(parsed.error).map((it) => `detail.${it}`) };
    return understand(parsed.data, at);
  };
}

const lifecycleRow = row(lifecycleAction, (detail, at) => {
  const transition =
    detail.LifecycleTransition === "autoscaling:EC2_INSTANCE_LAUNCHING" ? "launch" : "terminate";
  const hook: LifecycleHook = {
    transition,
    autoScalingGroup: detail.AutoScalingGroupName,
    hook: detail.LifecycleHookName,
    token: detail.LifecycleActionToken,
    instanceId: detail.EC2InstanceId,
    ...(detail.Origin === undefined ? {} : { origin: detail.Origin }),
    ...(detail.Destination === undefined ? {} : { destination: detail.Destination }),
  };
  return instance(detail.EC2InstanceId, transition === "launch" ? "launching" : "terminating", at, hook);
});

const EVENTS: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  "aws.autoscaling": {
    "EC2 Instance-launch Lifecycle Action": lifecycleRow,
    "EC2 Instance-terminate Lifecycle Action": lifecycleRow,
    "EC2 Instance Launch Successful": row(groupActivity, (detail, at) =>
      detail.Destination === "WarmPool"
        ? ofNoInterest(`${detail.EC2InstanceId} went into a warm pool: no Node yet`)
        : instance(detail.EC2InstanceId, "running", at),
    ),
    "EC2 Instance Terminate Successful": row(groupActivity, (detail, at) =>
      detail.Destination === "WarmPool"
        ? ofNoInterest(`${detail.EC2InstanceId} went back into a warm pool: not terminated`)
        : instance(detail.EC2InstanceId, "gone", at),
    ),
    "EC2 Instance Launch Unsuccessful": () => ofNoInterest("the launch failed: there is no instance"),
    "EC2 Instance Terminate Unsuccessful": () =>
      ofNoInterest("the termination failed: the instance stays as it is"),
  },
  "aws.ec2": {
    "EC2 Instance State-change Notification": row(stateChange, (detail, at) =>
      instanceState(detail["instance-id"], detail.state, at),
    ),
    "EC2 Spot Instance Interruption Warning": row(interruption, (detail, at) =>
      instance(detail["instance-id"], "interrupted", at),
    ),
    "EC2 Instance Rebalance Recommendation": row(interruption, (detail, at) =>
      instance(detail["instance-id"], "interrupted", at),
    ),
    "EC2 Capacity Reservation Instance Interruption Warning": row(interruption, (detail, at) =>
      instance(detail["instance-id"], "interrupted", at),
    ),
  },
  "aws.events": {
    "Scheduled Event": () => ({ kind: "trigger", trigger: { kind: "resync", source: "schedule" } }),
  },
  "aws.health": {
    "AWS Health Event": row(health, (detail, at) => healthEvent(detail.service, detail.affectedEntities, at)),
  },
};

/** The row for an event; a reason when there is none. */
export function findRow(source: string, detailType: string): Row | ParsedTrigger {
  // Object.hasOwn: "constructor" is a source like any other unknown one.
  if (!Object.hasOwn(EVENTS, source)) return { kind: "ignored", reason: "unknown-source", detail: source };
  const rows = EVENTS[source] ?? {};
  const found = Object.hasOwn(rows, detailType) ? rows[detailType] : undefined;
  return found ?? { kind: "ignored", reason: "unknown-detail-type", detail: `${source}: ${detailType}` };
}

/** What Auto Scaling puts on a queue or topic itself, without an EventBridge envelope. Undefined: it is no such body. */
export function understandAutoScalingBody(
  body: Readonly<Record<string, unknown>>,
): ParsedTrigger | undefined {
  const at = typeof body["Time"] === "string" ? body["Time"] : undefined;
  const facts: EventFacts = { detail: body, ...(at === undefined ? {} : { at }) };
  if (typeof body["LifecycleTransition"] === "string") return lifecycleRow(facts);
  switch (body["Event"]) {
    case "autoscaling:TEST_NOTIFICATION":
      return {
        kind: "ignored",
        reason: "test-notification",
        detail: "Auto Scaling tries out its notification target",
      };
    case "autoscaling:EC2_INSTANCE_LAUNCH":
      return row(groupActivity, (detail, when) => instance(detail.EC2InstanceId, "running", when))(facts);
    case "autoscaling:EC2_INSTANCE_TERMINATE":
      return row(groupActivity, (detail, when) => instance(detail.EC2InstanceId, "gone", when))(facts);
    case "autoscaling:EC2_INSTANCE_LAUNCH_ERROR":
    case "autoscaling:EC2_INSTANCE_TERMINATE_ERROR":
      return ofNoInterest("the activity failed");
    default:
      return undefined;
  }
}

/** EventBridge's own guide shows `RUNNING` in one sample and `running` in another. */
function instanceState(id: string, state: string, at: string | undefined): ParsedTrigger {
  switch (state.toLowerCase()) {
    case "pending":
      return instance(id, "launching", at);
    case "running":
      return instance(id, "running", at);
    case "shutting-down":
      return instance(id, "terminating", at);
    case "terminated":
      return instance(id, "gone", at);
    case "stopping":
    case "stopped":
      // A stopped machine keeps its Node object, and so its HostEndpoint.
      return ofNoInterest(`${id} is ${state}`);
    default:
      return { kind: "malformed", problems: [`detail.state: unknown state ${JSON.stringify(state)}`] };
  }
}

function healthEvent(
  service: string,
  entities: readonly { readonly entityValue: string }[],
  at: string | undefined,
): ParsedTrigger {
  const named = entities.map((it) => it.entityValue).filter((it) => instanceId.safeParse(it).success);
  const [first, ...others] = [...new Set(named)];
  if (service !== "EC2" || first === undefined)
    return { kind: "ignored", reason: "no-instance-named", detail: `AWS Health: ${service}` };
  // Several machines at once: a look at everything costs the same and needs no list.
  if (others.length > 0) return { kind: "trigger", trigger: { kind: "resync", source: "schedule" } };
  return instance(first, "interrupted", at);
}

function instance(
  id: string,
  change: InstanceTrigger["change"],
  at: string | undefined,
  hook?: LifecycleHook,
): ParsedTrigger {
  const trigger: InstanceTrigger = {
    kind: "instance",
    instanceId: id,
    change,
    ...(hook === undefined ? {} : { hook }),
    ...(at === undefined ? {} : { at }),
  };
  return { kind: "trigger", trigger };
}

function ofNoInterest(detail: string): ParsedTrigger {
  return { kind: "ignored", reason: "instance-state-of-no-interest", detail };
}
