/** Every hook that we hold is answered while there is time, whatever became of its event. */
import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { createLogger } from "../../lib/observability/create-logger.ts";
import { answerRelease } from "../../functions/release/answer-release.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import { CALICO_V1 } from "../../lib/model/calico-group.ts";
import { denyAll } from "../builders/a-deny-all.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { recordedEvent } from "../events/events.ts";
import {
  aContext,
  anInstance,
  CLUSTER,
  functionWorld,
  sqsBatch,
  type FunctionWorld,
} from "./function-world.ts";

const id = "i-0a1b2c3d4e5f60001";
const node = "ip-10-0-1-5.eu-west-1.compute.internal";
const key = `prod-workers/hostendpoint-reconciler-launch/${id}`;
const waiting = { autoScalingGroup: "prod-workers", instanceId: id, transition: "launch" } as const;
const registered = aNodeObject({ name: node, providerId: `aws:///eu-west-1a/${id}` });

function settingsOf(input: object) {
  const { stage, lifecycle, autoScalingGroups } = settingsSchema.parse({
    autoScalingGroups: ["prod-workers"],
    ...input,
  });
  return { stage, lifecycle, autoScalingGroups };
}
const hooks = (world: FunctionWorld) =>
  createReconcileHandler(world.ports, world.log)({ action: "hooks", source: "schedule" }, aContext());
const resync = (world: FunctionWorld) =>
  createReconcileHandler(world.ports, world.log)({ action: "reconcile", source: "schedule" }, aContext());

describe("the schedule for waiting machines", () => {
  test("nothing waits: no request to the cluster", async () => {
    const world = functionWorld();
    expect(await hooks(world)).toEqual({
      formatVersion: 1,
      status: "answered",
      waiting: 0,
      held: 0,
      unanswered: 0,
    });
    expect(world.cluster.calls).toEqual([]);
    expect(world.measured).toEqual([]);
  });

  test("an event that was lost: the endpoint is made and the machine goes on", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    world.waiting = [waiting];
    expect(await hooks(world)).toMatchObject({ waiting: 1, held: 0, unanswered: 0 });
    expect(world.cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name)).toEqual([node]);
    expect(world.hookCalls).toEqual([`complete ${key} CONTINUE`]);
    expect(world.measured).toContainEqual({ HooksUnanswered: 0 });
  });

  test("a Node that comes late gets time, and after one heartbeat the metric says so", async () => {
    const now = Date.parse("2026-11-25T10:00:00Z");
    const world = functionWorld();
    const at = (launchedAt: string) => {
      world.ec2.set(id, anInstance(id, node, { launchedAt }));
      return hooks({
        ...world,
        ports: { ...world.ports, clock: { now: () => now, sleep: () => Promise.resolve() } },
      });
    };
    world.waiting = [waiting];
    expect(await at("2026-11-25T09:56:00Z")).toMatchObject({ held: 1, unanswered: 0 });
    expect(await at("2026-11-25T09:54:00Z")).toMatchObject({ held: 1, unanswered: 1 });
    expect(world.hookCalls).toEqual([`heartbeat ${key}`, `heartbeat ${key}`]);
    expect(world.measured.filter((it) => "HooksUnanswered" in it)).toEqual([
      { HooksUnanswered: 0 },
      { HooksUnanswered: 1 },
    ]);
  });

  test("an answer that does not get through counts at once", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    world.waiting = [waiting];
    world.refusedTokens.add(key);
    expect(await hooks(world)).toMatchObject({ unanswered: 1 });
    expect(await hooks(world)).toMatchObject({ unanswered: 0 });
  });

  test("another cluster's machine in a group that says it is ours is left alone", async () => {
    const world = functionWorld();
    world.ec2.set(id, anInstance(id, node, { clusters: ["staging"] }));
    world.waiting = [waiting];
    await hooks(world);
    expect(world.hookCalls).toEqual([]);
    expect(world.cluster.calls).toEqual([]);
  });

  test("Auto Scaling does not answer: the metric says so, nothing throws", async () => {
    const world = functionWorld();
    const lifecycle = { ...world.ports.lifecycle, waiting: () => Promise.reject(new Error("down")) };
    expect(await hooks({ ...world, ports: { ...world.ports, lifecycle } })).toMatchObject({
      status: "failed",
    });
    expect(world.measured).toEqual([{ HooksUnanswered: 1 }]);
  });

  test("the resync answers them as well", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    world.waiting = [waiting];
    await resync(world);
    expect(world.hookCalls).toEqual([`complete ${key} CONTINUE`]);
  });
});

describe("fail closed", () => {
  const closed = settingsOf({ lifecycle: { launch: "abandon" } });

  test("what the guard withholds is held on, event or no event, until somebody mends the policy", async () => {
    const world = functionWorld({ objects: [registered, denyAll], settings: closed });
    world.ec2.set(id, anInstance(id, node));
    const event = recordedEvent("asg-launch-lifecycle");
    const token = (event["detail"] as Record<string, unknown>)["LifecycleActionToken"] as string;
    const handler = createReconcileHandler(world.ports, world.log);
    expect(await handler(sqsBatch([event]), aContext())).toEqual({ batchItemFailures: [] });
    world.waiting = [waiting];
    await hooks(world);
    expect(world.hookCalls).toEqual([`heartbeat ${token}`, `heartbeat ${key}`]);
    world.cluster.remove(CALICO_V1, "globalnetworkpolicies", "default.deny");
    await hooks(world);
    expect(world.hookCalls.at(-1)).toBe(`complete ${key} CONTINUE`);
  });

  test.each(["observe", "canary"] as const)("what stage %s withholds holds no machine", async (stage) => {
    const others = ["a", "b"].map((name) => aNodeObject({ name: `ip-10-0-2-${name === "a" ? 1 : 2}.x` }));
    const world = functionWorld({
      objects: [registered, ...others],
      settings: { ...closed, stage },
    });
    world.ec2.set(id, anInstance(id, node));
    const handler = createReconcileHandler(world.ports, world.log);
    // A canary of the group is on trial already: this Node's turn has not come.
    if (stage === "canary") await resync(world);
    await handler(sqsBatch([recordedEvent("asg-launch-lifecycle")]), aContext());
    expect(world.hookCalls.filter((it) => !it.endsWith("CONTINUE"))).toEqual([]);
    expect(world.hookCalls).toHaveLength(1);
  });
});

describe("observe", () => {
  test("puts no hooks, looks for no waiting machine and writes nothing to the cluster", async () => {
    const world = functionWorld({
      objects: [registered],
      settings: settingsOf({ stage: "observe", lifecycle: { managedNodeGroups: true } }),
    });
    world.waiting = [waiting];
    await resync(world);
    expect(world.hooksKept).toEqual([[]]);
    expect(world.hookCalls).toEqual([]);
    expect(world.cluster.calls.filter((it) => !["get", "list"].includes(it.verb))).toEqual([]);
  });
});

describe("hooks on managed node groups", () => {
  test("are kept by every resync, and what is not wanted is looked for once by each container", async () => {
    const wanted = functionWorld({ settings: settingsOf({ lifecycle: { managedNodeGroups: true } }) });
    const handler = createReconcileHandler(wanted.ports, wanted.log);
    for (let run = 0; run < 2; run++) await handler({ action: "reconcile", source: "schedule" }, aContext());
    expect(wanted.hooksKept).toHaveLength(2);
    expect(wanted.hooksKept[0]).toEqual([
      "hostendpoint-reconciler-launch CONTINUE",
      "hostendpoint-reconciler-terminate CONTINUE",
    ]);
    const unwanted = functionWorld();
    const other = createReconcileHandler(unwanted.ports, unwanted.log);
    for (let run = 0; run < 3; run++) await other({ action: "reconcile", source: "schedule" }, aContext());
    expect(unwanted.hooksKept).toEqual([[]]);
  });

  test("remove-hooks: the resync is told, hooks go, named groups are let go", async () => {
    const world = functionWorld({ settings: settingsOf({ lifecycle: { managedNodeGroups: true } }) });
    const log = createLogger("error", {}, () => undefined);
    const signal = new AbortController().signal;
    const answer = await answerRelease({ action: "remove-hooks", confirm: CLUSTER.name }, world.ports, {
      log,
      signal,
      reporting: signal,
    });
    expect(answer).toMatchObject({ status: "removed", failed: [] });
    expect(world.hooksKept).toEqual([[]]);
    expect(world.hookCalls).toEqual(["let go prod-workers"]);
    await resync(world);
    expect(world.hooksKept).toHaveLength(1);
    world.pausedUntil = 0;
    await resync(world);
    expect(world.hooksKept).toHaveLength(2);
  });

  test("remove-hooks before a deployment: only what it drops", async () => {
    const world = functionWorld({
      settings: settingsOf({ autoScalingGroups: ["blue", "green"], lifecycle: { managedNodeGroups: true } }),
    });
    const signal = new AbortController().signal;
    const keep = { autoScalingGroups: ["green"], managedNodeGroups: true };
    await answerRelease({ action: "remove-hooks", confirm: CLUSTER.name, keep }, world.ports, {
      log: world.log,
      signal,
      reporting: signal,
    });
    expect(world.hookCalls).toEqual(["let go blue"]);
    expect(world.hooksKept).toEqual([]);
    expect(world.pausedUntil).toBe(0);
  });
});
