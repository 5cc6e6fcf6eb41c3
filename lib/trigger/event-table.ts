/**
 * Which AWS event means what: one row for each source and detail-type that we understand (docs/aws.md 3.2).
 * Each row checks the shape of `detail` and says what happened, or why it is of no interest.
 */
import * as z from "zod";
import { PLACES, type InstanceTrigger, type LifecycleHook, type ParsedTrigger } from "../model/trigger.ts";
import { cleanText } from "../model/clean-text.ts";
import { isJsonObject, stringAt } from "../model/read-json.ts";
import { describeProblems } from "./parse-request.ts";

/** The part of an EventBridge event that a row sees. */
export type EventFacts = { readonly detail: unknown; readonly at?: string };
type Row = (event: EventFacts) => ParsedTrigger;

const instanceId = z.string().regex(/^i-[0-9a-f]{1,32}$/, "not an EC2 instance id");
/** AWS's vocabulary is open: a word that we do not know is no reason to leave a hook unanswered. */
const place = z.string().max(100);

/** Also the body that Auto Scaling itself puts on a queue or topic: the same fields, without an envelope. */
const lifecycleAction = z.object({
  LifecycleActionToken: z.string().min(1).max(255),
  AutoScalingGroupName: z.string().min(1).max(255),
  LifecycleHookName: z.string().min(1).max(255),
  EC2InstanceId: instanceId,
  LifecycleTransition: z.enum(["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]),
  // The guide says warm pools only; a sample of 2022 has them without one. Optional either way.
  Origin: place.optional(),
  Destination: place.optional(),
  NotificationMetadata: z.string().max(1023).optional(),
});

const groupActivity = z.object({ EC2InstanceId: instanceId, Destination: place.optional() });
const stateChange = z.object({ "instance-id": instanceId, state: z.string().max(100) });
const interruption = z.object({ "instance-id": instanceId });
const health = z.object({
  service: z.string().max(100),
  /** AWS says `null` for an event of the whole account; an entity may be an id or an ARN, or something new. */
  affectedEntities: z.array(z.unknown()).nullish(),
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

const understandLifecycleAction = row(lifecycleAction, (detail, at) => {
  const transition =
    detail.LifecycleTransition === "autoscaling:EC2_INSTANCE_LAUNCHING" ? "launch" : "terminate";
  const hook: LifecycleHook = {
    transition,
    autoScalingGroup: detail.AutoScalingGroupName,
    hook: detail.LifecycleHookName,
    token: detail.LifecycleActionToken,
    instanceId: detail.EC2InstanceId,
    ...(detail.NotificationMetadata === undefined ? {} : { metadata: detail.NotificationMetadata }),
    ...placesOf(detail.Origin, detail.Destination),
  };
  return instance(detail.EC2InstanceId, transition === "launch" ? "launching" : "terminating", at, hook);
});

/** Auto Scaling tries out a target with a message that has the shape of an event and means nothing. */
function lifecycleRow(event: EventFacts): ParsedTrigger {
  return isTestNotification(event.detail) ? testNotification : understandLifecycleAction(event);
}

const TEST_NOTIFICATION = "autoscaling:TEST_NOTIFICATION";
const testNotification: ParsedTrigger = {
  kind: "ignored",
  reason: "test-notification",
  detail: "Auto Scaling tries out its notification target",
};

function isTestNotification(detail: unknown): boolean {
  return (
    isJsonObject(detail) &&
    (detail["Event"] === TEST_NOTIFICATION || detail["LifecycleTransition"] === TEST_NOTIFICATION)
  );
}

/** Only whether it is a warm pool matters; any other word is as good as none, and is counted. */
function placesOf(
  said: string | undefined,
  where: string | undefined,
): Pick<LifecycleHook, "origin" | "destination" | "unknownPlaces"> {
  const origin = PLACES.find((it) => it === said);
  const destination = PLACES.find((it) => it === where);
  const unknownPlaces = [
    ...(origin === undefined && said !== undefined ? [said] : []),
    ...(destination === undefined && where !== undefined ? [where] : []),
  ];
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(destination === undefined ? {} : { destination }),
    ...(unknownPlaces.length === 0 ? {} : { unknownPlaces }),
  };
}

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
    "AWS Health Event": row(health, (detail, at) =>
      healthEvent(detail.service, detail.affectedEntities ?? [], at),
    ),
  },
};

/** Of a word that somebody else chose. */
const LONGEST_WORD = 200;

/** The row for an event; a reason when there is none. */
export function findRow(source: string, detailType: string): Row | ParsedTrigger {
  // Object.hasOwn: "constructor" is a source like any other unknown one.
  if (!Object.hasOwn(EVENTS, source))
    return { kind: "ignored", reason: "unknown-source", detail: cleanText(source, LONGEST_WORD) };
  const rows = EVENTS[source] ?? {};
  const found = Object.hasOwn(rows, detailType) ? rows[detailType] : undefined;
  return (
    found ?? {
      kind: "ignored",
      reason: "unknown-detail-type",
      detail: `${source}: ${cleanText(detailType, LONGEST_WORD)}`,
    }
  );
}

/** What Auto Scaling puts on a queue or topic itself, without an EventBridge envelope. Undefined: it is no such body. */
export function understandAutoScalingBody(
  body: Readonly<Record<string, unknown>>,
): ParsedTrigger | undefined {
  const at = typeof body["Time"] === "string" ? body["Time"] : undefined;
  const facts: EventFacts = { detail: body, ...(at === undefined ? {} : { at }) };
  if (isTestNotification(body)) return testNotification;
  if (typeof body["LifecycleTransition"] === "string") return lifecycleRow(facts);
  switch (body["Event"]) {
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

function healthEvent(service: string, entities: readonly unknown[], at: string | undefined): ParsedTrigger {
  const [first, ...others] = [...new Set(entities.flatMap(instanceNamedBy))];
  if (service !== "EC2" || first === undefined)
    return { kind: "ignored", reason: "no-instance-named", detail: `AWS Health: ${service}` };
  // Several machines at once: a look at everything costs the same and needs no list.
  if (others.length > 0) return { kind: "trigger", trigger: { kind: "resync", source: "schedule" } };
  return instance(first, "interrupted", at);
}

/** `i-...`, or `arn:aws:ec2:REGION:ACCOUNT:instance/i-...`; volumes and whatever else AWS names are no instances. */
function instanceNamedBy(entity: unknown): readonly string[] {
  const named = isJsonObject(entity) ? (stringAt(entity, "entityValue") ?? "") : "";
  const id = named.startsWith("arn:") ? /:instance\/([^/]+)$/.exec(named)?.[1] : named;
  return instanceId.safeParse(id).success && id !== undefined ? [id] : [];
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
