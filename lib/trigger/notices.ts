/**
 * What reaches a queue besides events, because somebody subscribed it to a topic or pointed an alarm at it: it means nothing to us,
 * and is no evidence of anything broken.
 *
 * In: a decoded body. Out: why it is ignored, or nothing when it is none of these.
 */
import type { JsonObject } from "../model/kubernetes-object.ts";
import type { IgnoredReason, ParsedTrigger } from "../model/trigger.ts";

/** https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html */
const SUBSCRIPTIONS = new Set(["SubscriptionConfirmation", "UnsubscribeConfirmation"]);

export function understandNotice(body: JsonObject): ParsedTrigger | undefined {
  if (typeof body["Type"] === "string" && SUBSCRIPTIONS.has(body["Type"]))
    return ignored("subscription-notice", `SNS says ${body["Type"]}`);
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html: the message of an alarm to a topic.
  if (typeof body["AlarmName"] === "string" && typeof body["NewStateValue"] === "string")
    return ignored("alarm-notice", "a CloudWatch alarm changed its state");
  return undefined;
}

function ignored(reason: IgnoredReason, detail: string): ParsedTrigger {
  return { kind: "ignored", reason, detail };
}
