/**
 * The whole story, told with real parts: rule -> queue -> the bundled function under the real Lambda runtime -> a real
 * kube-apiserver. Each chapter goes on where the one before it ended; the last one looks at what is left.
 */
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { lifecycleHookNames } from "../../../lib/names/names.ts";
import { locatePrograms } from "../../control-plane/binaries/locate-programs.ts";
import { recordedEvent, type EventChanges } from "../../events/events.ts";
import { locateRuntime } from "../lambda-runtime/locate-runtime.ts";
import { locateLocalStack } from "../localstack/start-localstack.ts";
import { locateMoto } from "../localstack/start-moto.ts";
import { describeWithParts } from "../parts/describe-with-parts.ts";
import {
  hostEndpoints,
  registerNode,
  removeNode,
  runInstance,
  terminateInstance,
  type Machine,
} from "./fleet.ts";
import { GROUP, startStoryWorld, type StoryWorld } from "./start-story-world.ts";
import { until } from "./until.ts";

const hooks = lifecycleHookNames("hostendpoint-reconciler");
const resync = recordedEvent("scheduler-resync");

await describeWithParts(
  "the story of a cluster's day",
  [locatePrograms, locateRuntime, locateLocalStack, locateMoto],
  () => {
    let world: StoryWorld;
    let first: Machine;
    let second: Machine;
    let grown: Machine;
    /** Machines of the chapters about trouble; each has a Node in the end. */
    const late: Machine[] = [];

    beforeAll(async () => {
      world = await startStoryWorld();
    }, 300_000);
    afterAll(() => world?.stop());

    let isBroken = false;
    /** A test that goes on where the one before it ended; when that one failed, it says so at once. */
    const chapter = (name: string, tell: () => Promise<void>, patienceMilliseconds = 300_000) =>
      test(
        name,
        async () => {
          if (isBroken) throw new Error("an earlier chapter failed: see there");
          isBroken = true;
          await tell();
          isBroken = false;
        },
        patienceMilliseconds,
      );

    const endpoints = () => hostEndpoints(world.controlPlane);
    const evidence = () => world.running.lines().slice(-12).join("\n");
    const within = <T>(
      what: string,
      seconds: number,
      check: () => Promise<T | undefined | false> | T | undefined | false,
    ) => until(what, seconds, check, evidence);
    const put = (name: string, changes: EventChanges) => world.putEvents([recordedEvent(name, changes)]);
    /** Lets a hook of ours wait in Auto Scaling, and sends its event. */
    const hookWaits = async (transition: "launch" | "terminate", { instanceId }: Machine, token: string) => {
      world.autoScaling.open({ autoScalingGroup: GROUP, hook: hooks[transition], instanceId, token });
      await put(`asg-${transition}-lifecycle`, { instanceId, token });
    };
    const heartbeats = (token: string) =>
      world.autoScaling.granted.filter((it) => it.call === "heartbeat" && it.action.token === token).length;
    const isQueueEmpty = async (): Promise<boolean> => {
      const { Attributes } = await world.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: world.queueUrl,
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      return Object.values(Attributes ?? {}).every((it) => it === "0");
    };

    chapter("the schedule finds two nodes without endpoints", async () => {
      [first, second] = [await runInstance(world.ec2, "prod"), await runInstance(world.ec2, "prod")];
      await registerNode(world.controlPlane, first, { labels: { tier: "db" } });
      await registerNode(world.controlPlane, second);
      const result = await world.running.invoke(resync);
      expect(result).toMatchObject({
        kind: "answer",
        payload: { status: "converged", counts: { create: 2 } },
      });
      expect([...(await endpoints()).keys()]).toEqual([first.node, second.node].sort());
    });

    chapter("scale-out: the hook is held until the Node, 20 s late, is protected", async () => {
      grown = await runInstance(world.ec2, "prod");
      await hookWaits("launch", grown, "token-of-scale-out");
      await within("the hook gets more time", 120, () => heartbeats("token-of-scale-out") > 0);
      await sleep(20_000);
      expect(world.autoScaling.isWaiting("token-of-scale-out")).toBe(true);
      await registerNode(world.controlPlane, grown);
      await within("the hook is answered", 120, () => !world.autoScaling.isWaiting("token-of-scale-out"));
      expect((await endpoints()).get(grown.node)).toMatchObject({ expectedIPs: [grown.address] });
    });

    chapter("a label that changes, and one that goes", async () => {
      const path = `/api/v1/nodes/${second.node}`;
      await world.controlPlane.admin.patch(path, { metadata: { labels: { tier: "web" } } });
      await world.running.invoke({ action: "reconcile", nodes: [second.node], reason: "label" });
      expect((await endpoints()).get(second.node)?.labels).toMatchObject({ tier: "web" });
      await world.controlPlane.admin.patch(path, { metadata: { labels: { tier: null } } });
      await world.running.invoke({ action: "reconcile", nodes: [second.node], reason: "label" });
      expect((await endpoints()).get(second.node)?.labels).not.toHaveProperty("tier");
    });

    chapter("another machine under an old name: the endpoint is rewritten in place", async () => {
      const before = (await endpoints()).get(first.node);
      await terminateInstance(world.ec2, first);
      const replacement = await runInstance(world.ec2, "prod", first.address);
      expect(replacement.node).toBe(first.node);
      await removeNode(world.controlPlane, first.node);
      await registerNode(world.controlPlane, replacement, {
        labels: { tier: "cache" },
      });
      await put("ec2-state-running", { instanceId: replacement.instanceId });
      const after = await within("the endpoint is the new machine's", 120, async () => {
        const seen = (await endpoints()).get(first.node);
        return seen?.nodeUid !== before?.nodeUid && seen;
      });
      expect(after.uid).toBe(before?.uid);
      expect(after.labels).toMatchObject({ tier: "cache" });
      first = replacement;
    });

    chapter("a spot interruption takes nothing away from a node that lives", async () => {
      await put("spot-interruption", { instanceId: second.instanceId });
      await within("the queue is empty", 120, isQueueEmpty);
      expect((await endpoints()).has(second.node)).toBe(true);
    });

    chapter("scale-in: the hook is let go, the endpoint goes when the Node is gone", async () => {
      await hookWaits("terminate", grown, "token-of-scale-in");
      await within("the hook is answered", 120, () => !world.autoScaling.isWaiting("token-of-scale-in"));
      expect((await endpoints()).has(grown.node)).toBe(true);
      await terminateInstance(world.ec2, grown);
      await removeNode(world.controlPlane, grown.node);
      await put("ec2-state-terminated", { instanceId: grown.instanceId });
      await within("the endpoint is gone", 120, async () => !(await endpoints()).has(grown.node));
    });

    chapter(
      "events that come twice, in the wrong order, of other clusters, of no interest: nothing changes",
      async () => {
        const before = await endpoints();
        const stranger = await runInstance(world.ec2, "staging");
        const launched = { instanceId: grown.instanceId, token: "token-of-scale-out" };
        await world.putEvents([
          recordedEvent("asg-terminate-successful", { instanceId: grown.instanceId }),
          recordedEvent("asg-launch-lifecycle", launched),
          recordedEvent("asg-launch-lifecycle", launched),
          recordedEvent("ec2-state-running", { instanceId: first.instanceId }),
          recordedEvent("ec2-state-pending", { instanceId: first.instanceId }),
          recordedEvent("ec2-state-running", { instanceId: stranger.instanceId }),
          recordedEvent("ec2-state-running", { instanceId: "i-0deadbeefdeadbeef" }),
          recordedEvent("asg-launch-lifecycle", {
            instanceId: stranger.instanceId,
            autoScalingGroup: "staging-workers",
          }),
          recordedEvent("ec2-state-stopped", { instanceId: first.instanceId }),
        ]);
        await within("the queue is empty", 120, isQueueEmpty);
        expect(await endpoints()).toEqual(before);
      },
    );

    chapter("a poison event ends in the dead letters, with its evidence in the log", async () => {
      await put("poison-lifecycle", {});
      const deadLetter = await within("the poison is in the dead letters", 150, async () => {
        const { Messages: [message] = [] } = await world.sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: world.deadLettersUrl,
            VisibilityTimeout: 0,
            WaitTimeSeconds: 1,
          }),
        );
        return message;
      });
      expect(deadLetter.Body).toContain("not-an-instance");
      expect(world.running.lines().filter((it) => it.includes("malformed record"))).not.toEqual([]);
    });

    chapter("the API server is down for a minute: the launch waits, and nothing is lost", async () => {
      const machine = await runInstance(world.ec2, "prod");
      await world.gate.shut();
      await hookWaits("launch", machine, "token-of-the-outage");
      await registerNode(world.controlPlane, machine);
      await sleep(60_000);
      expect(world.autoScaling.isWaiting("token-of-the-outage")).toBe(true);
      expect(heartbeats("token-of-the-outage")).toBeGreaterThan(1);
      await world.gate.open();
      await within("the hook is answered", 150, () => !world.autoScaling.isWaiting("token-of-the-outage"));
      expect((await endpoints()).has(machine.node)).toBe(true);
      late.push(machine);
    });

    chapter("a token that the cluster no longer takes, in a warm container: signed anew, once", async () => {
      const machine = await runInstance(world.ec2, "prod");
      await registerNode(world.controlPlane, machine);
      const before = world.webhook.answers.length;
      // Tokens older than this are refused from now on. The container's own is older, and the API server, which remembers a
      // good one for 10 s, forgets it meanwhile.
      world.tokens.life = 5_000;
      await sleep(11_000);
      await put("ec2-state-running", { instanceId: machine.instanceId });
      await within("the endpoint is there", 120, async () => (await endpoints()).has(machine.node));
      expect(world.webhook.answers.slice(before)).toContain("X-Amz-Date parameter is expired");
      world.tokens.life = 15 * 60_000;
      late.push(machine);
    });

    chapter(
      "in the end: what a plain resync would make, each hook answered once and rightly, only the poison in the dead letters",
      async () => {
        await within("the queue is empty", 120, isQueueEmpty);
        expect([...(await endpoints()).keys()]).toEqual([first, second, ...late].map((it) => it.node).sort());
        const plan = await world.running.invoke({ action: "plan" });
        expect(plan).toMatchObject({ kind: "answer", payload: { status: "converged", actions: [] } });

        const completed = world.autoScaling.granted.flatMap((it) =>
          it.call === "complete" ? [`${it.action.token} ${it.result}`] : [],
        );
        expect(completed.sort()).toEqual([
          "token-of-scale-in CONTINUE",
          "token-of-scale-out CONTINUE",
          "token-of-the-outage CONTINUE",
        ]);
        const { Attributes } = await world.sqs.send(
          new GetQueueAttributesCommand({
            QueueUrl: world.deadLettersUrl,
            AttributeNames: ["ApproximateNumberOfMessages"],
          }),
        );
        expect(Attributes).toEqual({ ApproximateNumberOfMessages: "1" });
        const log = world.running.lines().join("\n");
        expect(log).not.toMatch(/k8s-aws-v1\.|FwoGZXIvYXdz|wJalrXUtnFEMI/);
        expect(log).toContain('"_aws":');
      },
    );
  },
);
