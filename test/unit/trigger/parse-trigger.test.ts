import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ParsedTrigger } from "../../../lib/model/trigger.ts";
import { parseTrigger } from "../../../lib/trigger/parse-trigger.ts";
import { recordedEvent, recordedEventNames } from "../../events/events.ts";

const queue = { via: "queue" } as const;
const id = "i-0a1b2c3d4e5f60001";

/** What each recorded event means: `kind reason` or `kind change`, and the hook's name and ways where there is one. */
const meanings: Readonly<Record<string, string>> = {
  "asg-launch-lifecycle": "launching hostendpoint-reconciler-launch EC2>AutoScalingGroup",
  "asg-launch-lifecycle-from-warm-pool": "launching hostendpoint-reconciler-launch WarmPool>AutoScalingGroup",
  "asg-launch-lifecycle-into-warm-pool": "launching hostendpoint-reconciler-launch EC2>WarmPool",
  "asg-launch-successful": "running",
  "asg-launch-successful-into-warm-pool": "ignored instance-state-of-no-interest",
  "asg-launch-unsuccessful": "ignored instance-state-of-no-interest",
  "asg-raw-launch-lifecycle": "launching hostendpoint-reconciler-launch EC2>AutoScalingGroup",
  "asg-raw-test-notification": "ignored test-notification",
  "asg-sns-wrapped-launch-lifecycle": "launching hostendpoint-reconciler-launch EC2>AutoScalingGroup",
  "asg-terminate-lifecycle": "terminating hostendpoint-reconciler-terminate AutoScalingGroup>EC2",
  "asg-terminate-lifecycle-foreign-hook": "terminating Terminate-LC-Hook ?>?",
  "asg-terminate-lifecycle-into-warm-pool":
    "terminating hostendpoint-reconciler-terminate AutoScalingGroup>WarmPool",
  "asg-terminate-successful": "gone",
  "asg-terminate-unsuccessful": "ignored instance-state-of-no-interest",
  "ec2-state-pending": "launching",
  "ec2-state-running": "running",
  "ec2-state-running-upper-case": "running",
  "ec2-state-shutting-down": "terminating",
  "ec2-state-stopped": "ignored instance-state-of-no-interest",
  "ec2-state-stopping": "ignored instance-state-of-no-interest",
  "ec2-state-terminated": "gone",
  "health-instance-retirement": "interrupted",
  "health-no-instance": "ignored no-instance-named",
  "health-several-instances": "resync schedule",
  "poison-lifecycle": "malformed",
  "rebalance-recommendation": "interrupted",
  "scheduled-event": "resync schedule",
  "scheduler-resync": "resync schedule",
  "spot-interruption": "interrupted",
  "unknown-detail-type": "ignored unknown-detail-type",
  "unknown-source": "ignored unknown-source",
};

function meaningOf(parsed: ParsedTrigger): string {
  if (parsed.kind === "ignored") return `ignored ${parsed.reason}`;
  if (parsed.kind === "malformed") return "malformed";
  const { trigger } = parsed;
  if (trigger.kind === "resync") return `resync ${trigger.source}`;
  if (trigger.kind === "nodes") return `nodes ${trigger.nodes.join(",")}`;
  expect(trigger.instanceId).toBe(id);
  if (trigger.hook === undefined) return trigger.change;
  const { hook, origin, destination } = trigger.hook;
  return `${trigger.change} ${hook} ${origin ?? "?"}>${destination ?? "?"}`;
}

describe("recorded events", () => {
  test.each(recordedEventNames())("%s", (name) => {
    const event = recordedEvent(name);
    expect(meaningOf(parseTrigger(JSON.stringify(event), queue))).toBe(meanings[name]);
    expect(parseTrigger(event, queue)).toEqual(parseTrigger(JSON.stringify(event), queue));
  });

  test("every recorded event has a meaning here, and the other way round", () => {
    expect(recordedEventNames()).toEqual(Object.keys(meanings).sort());
  });

  test("any recorded event means the same when SNS wraps it", () => {
    for (const name of recordedEventNames()) {
      const wrapped = { Type: "Notification", Message: JSON.stringify(recordedEvent(name)) };
      expect(parseTrigger(JSON.stringify(wrapped), queue)).toEqual(parseTrigger(recordedEvent(name), queue));
    }
  });

  test("a lifecycle action keeps everything that its answer needs", () => {
    expect(parseTrigger(recordedEvent("asg-launch-lifecycle"), queue)).toEqual({
      kind: "trigger",
      trigger: {
        kind: "instance",
        instanceId: id,
        change: "launching",
        at: "2026-11-22T09:30:00Z",
        hook: {
          transition: "launch",
          autoScalingGroup: "prod-workers",
          hook: "hostendpoint-reconciler-launch",
          token: "71514b9d-6a40-4b26-8523-05e7ee35fa40",
          instanceId: id,
          origin: "EC2",
          destination: "AutoScalingGroup",
        },
      },
    });
  });
});

describe("malformed records name every problem", () => {
  test("a lifecycle action with three things wrong", () => {
    expect(parseTrigger(recordedEvent("poison-lifecycle"), queue)).toMatchObject({
      problems: [
        expect.stringContaining("detail.LifecycleActionToken"),
        expect.stringContaining("detail.LifecycleHookName"),
        expect.stringContaining("detail.EC2InstanceId: not an EC2 instance id"),
      ],
    });
  });

  test.each([
    ["not JSON", "{", 'body: not JSON: "{"'],
    ["a number", "1", "body: not a JSON object"],
    ["an array", [], "body: not a JSON object"],
    ["nothing", undefined, "body: not a JSON object"],
    ["an object that is none of ours", { hello: 1 }, expect.stringContaining("neither an EventBridge event")],
    ["an event without its type", { source: "aws.ec2", detail: {} }, expect.stringContaining("detail-type")],
    [
      "a state that EC2 does not have",
      { ...recordedEvent("ec2-state-running"), detail: { "instance-id": id, state: "asleep" } },
      'detail.state: unknown state "asleep"',
    ],
    ["a misspelt key", { action: "reconcile", node: ["a"] }, "node: unknown key"],
    ["an unknown action", { action: "destroy" }, expect.stringContaining("action")],
    ["a plan in a queue", { action: "plan" }, "action: plan has no answer when it comes by a queue"],
    [
      "too many wrappings",
      JSON.stringify(JSON.stringify(JSON.stringify(JSON.stringify({})))),
      "body: wrapped more than 3 times",
    ],
  ])("%s", (_name, body, problem) => {
    expect(parseTrigger(body, queue)).toEqual({ kind: "malformed", problems: [problem] });
  });
});

describe("requests", () => {
  test("nodes by name, sorted and once each", () => {
    expect(parseTrigger({ action: "plan", nodes: ["b", "a", "b"] }, { via: "invoke" })).toEqual({
      kind: "trigger",
      trigger: { kind: "nodes", nodes: ["a", "b"] },
    });
  });

  test("without nodes: everything", () => {
    expect(parseTrigger({ action: "reconcile", reason: "after an incident" }, { via: "invoke" })).toEqual({
      kind: "trigger",
      trigger: { kind: "resync", source: "manual" },
    });
  });
});

test("an inherited property is no event source", () => {
  const event = { source: "constructor", "detail-type": "name", detail: {} };
  expect(parseTrigger(event, queue)).toMatchObject({ kind: "ignored", reason: "unknown-source" });
  expect(parseTrigger({ ...event, source: "aws.ec2", "detail-type": "toString" }, queue)).toMatchObject({
    reason: "unknown-detail-type",
  });
});

test("no record makes it throw, and a detail of any shape is a trigger, ignored or malformed", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.json(),
        fc.record({
          source: fc.constantFrom("aws.autoscaling", "aws.ec2", "aws.health", "aws.events", "other"),
          "detail-type": fc.constantFrom(
            "EC2 Instance-launch Lifecycle Action",
            "EC2 Instance State-change Notification",
            "AWS Health Event",
            "EC2 Instance Terminate Successful",
          ),
          detail: fc.anything(),
        }),
      ),
      (record) => {
        const parsed = parseTrigger(record, queue);
        expect(["trigger", "ignored", "malformed"]).toContain(parsed.kind);
        if (parsed.kind === "malformed") expect(parsed.problems.length).toBeGreaterThan(0);
      },
    ),
  );
});
