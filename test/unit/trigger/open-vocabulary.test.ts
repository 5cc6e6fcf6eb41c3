/** What AWS sends besides the events that we wait for, and words that it has added since: ignored with the right reason. */
import { describe, expect, test } from "@jest/globals";
import { parseTrigger } from "../../../lib/trigger/parse-trigger.ts";
import { recordedEvent } from "../../events/events.ts";

const queue = { via: "queue" } as const;
const raw = recordedEvent("asg-raw-test-notification");
const TEST = "autoscaling:TEST_NOTIFICATION";
const health = recordedEvent("health-instance-retirement");
const id = "i-0a1b2c3d4e5f60001";

/** However it is wrapped: as it is, as text, by SNS, by SNS twice. */
function everyWrapping(body: unknown): readonly unknown[] {
  const sns = (it: unknown) => ({ Type: "Notification", Message: JSON.stringify(it) });
  return [body, JSON.stringify(body), JSON.stringify(sns(body)), JSON.stringify(sns(sns(body)))];
}

describe("no evidence of anything broken", () => {
  test.each([
    ["a raw test notification", raw, "test-notification"],
    [
      "with the transition as well",
      { ...raw, LifecycleTransition: TEST, LifecycleHookName: "x" },
      "test-notification",
    ],
    ["with the transition only", { LifecycleTransition: TEST }, "test-notification"],
    [
      "in EventBridge's envelope",
      { ...recordedEvent("asg-terminate-lifecycle"), detail: { Event: TEST, LifecycleTransition: TEST } },
      "test-notification",
    ],
    [
      "an SNS subscription to confirm",
      {
        Type: "SubscriptionConfirmation",
        MessageId: "m",
        Token: "t",
        TopicArn: "arn:aws:sns:eu-west-1:1:t",
        Message: "You have chosen to subscribe",
        SubscribeURL: "https://sns.eu-west-1.amazonaws.com/",
      },
      "subscription-notice",
    ],
    [
      "an SNS subscription that ended",
      { Type: "UnsubscribeConfirmation", Message: "You have chosen to deactivate" },
      "subscription-notice",
    ],
    [
      "an alarm by a topic",
      {
        AlarmName: "a",
        AlarmDescription: null,
        AWSAccountId: "111122223333",
        NewStateValue: "ALARM",
        NewStateReason: "r",
        StateChangeTime: "t",
        Region: "EU (Ireland)",
        OldStateValue: "OK",
        Trigger: {},
      },
      "alarm-notice",
    ],
    [
      "an alarm by EventBridge",
      {
        version: "0",
        source: "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        detail: { alarmName: "a" },
      },
      "unknown-source",
    ],
    [
      "a health event of the whole account",
      { ...health, detail: { service: "EC2", affectedEntities: null } },
      "no-instance-named",
    ],
    ["a health event without entities", { ...health, detail: { service: "EC2" } }, "no-instance-named"],
    [
      "a health event of a volume",
      { ...health, detail: { service: "EC2", affectedEntities: [{ entityValue: "vol-0a" }] } },
      "no-instance-named",
    ],
    [
      "entities of a shape to come",
      { ...health, detail: { service: "EC2", affectedEntities: ["i-0a", 1, null, {}] } },
      "no-instance-named",
    ],
  ])("%s", (_name, body, reason) => {
    for (const wrapped of everyWrapping(body))
      expect(parseTrigger(wrapped, queue)).toMatchObject({ kind: "ignored", reason });
  });

  test.each([
    ["an ARN", [`arn:aws:ec2:eu-west-1:111122223333:instance/${id}`]],
    ["an ARN of China", [`arn:aws-cn:ec2:cn-north-1:111122223333:instance/${id}`]],
    ["an id and the same as an ARN", [id, `arn:aws:ec2:eu-west-1:111122223333:instance/${id}`]],
    ["a volume beside it", [`arn:aws:ec2:eu-west-1:111122223333:volume/vol-0a`, id]],
  ])("a health event names the instance as %s", (_name, entities) => {
    const detail = { service: "EC2", affectedEntities: entities.map((entityValue) => ({ entityValue })) };
    expect(parseTrigger({ ...health, detail }, queue)).toMatchObject({
      kind: "trigger",
      trigger: { kind: "instance", instanceId: id, change: "interrupted" },
    });
  });
});

describe("words that AWS has added since", () => {
  const detailOf = (event: Readonly<Record<string, unknown>>) =>
    event["detail"] as Readonly<Record<string, unknown>>;

  test.each([
    ["asg-launch-lifecycle", { Destination: "CapacityPool" }, ["CapacityPool"]],
    ["asg-launch-lifecycle", { Origin: "Moon", Destination: "Mars" }, ["Moon", "Mars"]],
    ["asg-terminate-lifecycle", { Destination: "CapacityPool" }, ["CapacityPool"]],
  ])("%s to %o is a hook like one without", (name, more, unknownPlaces) => {
    const event = recordedEvent(name);
    const { Origin: _origin, Destination: _destination, ...plain } = detailOf(event);
    const without = parseTrigger({ ...event, detail: plain }, queue);
    const parsed = parseTrigger({ ...event, detail: { ...plain, ...more } }, queue);
    if (parsed.kind !== "trigger" || parsed.trigger.kind !== "instance") throw new Error(parsed.kind);
    const { hook, ...rest } = parsed.trigger;
    expect(hook?.unknownPlaces).toEqual(unknownPlaces);
    const { unknownPlaces: _counted, ...known } = hook ?? {};
    expect({ kind: "trigger", trigger: { ...rest, hook: known } }).toEqual(without);
  });
});
