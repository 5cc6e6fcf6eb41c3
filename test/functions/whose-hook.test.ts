/**
 * Whose hook is it? Every combination of Origin, Destination, tag, hook name, group and what the hook says of itself goes through the
 * real handler: an answer is given only to what is proven to be ours.
 */
import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { lifecycleHookNames } from "../../lib/names/names.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { recordedEvent } from "../events/events.ts";
import { aContext, anInstance, functionWorld, sqsBatch } from "./function-world.ts";

const id = "i-0a1b2c3d4e5f60001";
const node = "ip-10-0-1-5.eu-west-1.compute.internal";
const names = lifecycleHookNames("hostendpoint-reconciler");

const places = [undefined, "EC2", "AutoScalingGroup", "WarmPool", "CapacityPool"] as const;
const tags = ["prod", "staging", "none", "unknown"] as const;
const hookNames = ["ours", "foreign"] as const;
const groups = ["prod-workers", "eks-ng-0ac1", "others"] as const;
const metadatas = [undefined, "hostendpoint-reconciler-prod", "hostendpoint-reconciler-staging"] as const;
const transitions = ["launch", "terminate"] as const;

type Case = {
  readonly origin: (typeof places)[number];
  readonly destination: (typeof places)[number];
  readonly tag: (typeof tags)[number];
  readonly hookName: (typeof hookNames)[number];
  readonly group: (typeof groups)[number];
  readonly metadata: (typeof metadatas)[number];
  readonly transition: (typeof transitions)[number];
};

const cases: readonly Case[] = places.flatMap((origin) =>
  places.flatMap((destination) =>
    tags.flatMap((tag) =>
      hookNames.flatMap((hookName) =>
        groups.flatMap((group) =>
          metadatas.flatMap((metadata) =>
            transitions.map((transition) => ({
              origin,
              destination,
              tag,
              hookName,
              group,
              metadata,
              transition,
            })),
          ),
        ),
      ),
    ),
  ),
);

function eventOf(it: Case, token: string) {
  const event = recordedEvent(`asg-${it.transition}-lifecycle`, {
    autoScalingGroup: it.group,
    token,
    hook: it.hookName === "ours" ? names[it.transition] : "Terminate-LC-Hook",
  });
  const {
    Origin: _origin,
    Destination: _destination,
    ...detail
  } = event["detail"] as Record<string, unknown>;
  return {
    ...event,
    detail: {
      ...detail,
      ...(it.origin === undefined ? {} : { Origin: it.origin }),
      ...(it.destination === undefined ? {} : { Destination: it.destination }),
      ...(it.metadata === undefined ? {} : { NotificationMetadata: it.metadata }),
    },
  };
}

/** From the facts alone, in the order in which they count. */
function expected(it: Case): "answered" | "not touched" | "held" {
  if (it.hookName === "foreign" || it.metadata === "hostendpoint-reconciler-staging") return "not touched";
  if (it.tag === "staging") return "not touched";
  const isNamed = it.group === "prod-workers";
  const saysOurs = it.metadata === "hostendpoint-reconciler-prod";
  if (it.tag === "none" && !isNamed) return "not touched";
  if (it.tag !== "unknown") return "answered";
  if (!isNamed && !saysOurs) return "not touched";
  return it.destination === "WarmPool" || it.transition === "terminate" ? "answered" : "held";
}

describe("every combination", () => {
  test.each(tags)("the machine's tag: %s", async (tag) => {
    const some = cases.filter((it) => it.tag === tag);
    expect(some).toHaveLength(cases.length / tags.length);
    const settings = settingsSchema.parse({
      autoScalingGroups: ["prod-workers"],
      lifecycle: { managedNodeGroups: true },
    });
    for (const group of groups) {
      const world = functionWorld({
        objects: [aNodeObject({ name: node, providerId: `aws:///eu-west-1a/${id}` })],
        settings: { autoScalingGroups: settings.autoScalingGroups, lifecycle: settings.lifecycle },
      });
      if (tag !== "unknown")
        world.ec2.set(id, anInstance(id, node, { clusters: tag === "none" ? [] : [tag] }));
      const ofGroup = some.filter((it) => it.group === group);
      const answer = await createReconcileHandler(world.ports, world.log)(
        sqsBatch(ofGroup.map((it, index) => eventOf(it, `token-${index}`))),
        aContext(),
      );
      const calls = new Set(world.hookCalls);
      const found = ofGroup.map((_it, index) =>
        calls.has(`complete token-${index} CONTINUE`)
          ? "answered"
          : calls.has(`heartbeat token-${index}`)
            ? "held"
            : "not touched",
      );
      expect(ofGroup.map((it, index) => ({ ...it, found: found[index] }))).toEqual(
        ofGroup.map((it) => ({ ...it, found: expected(it) })),
      );
      // What is held comes again; all the rest is done with.
      const failed = new Set(
        (answer as { batchItemFailures: { itemIdentifier: string }[] }).batchItemFailures.map(
          (it) => it.itemIdentifier,
        ),
      );
      const isHeld = (it: Case) =>
        expected(it) === "held" ||
        (tag === "unknown" &&
          it.hookName === "ours" &&
          it.metadata === undefined &&
          it.group === "eks-ng-0ac1");
      expect(ofGroup.map((_it, index) => failed.has(`m${index}`))).toEqual(ofGroup.map(isHeld));
    }
  });
});
