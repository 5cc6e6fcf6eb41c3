import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { CALICO_V1 } from "../../lib/model/calico-group.ts";
import { UnreachableError } from "../../lib/model/errors.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { recordedEvent } from "../events/events.ts";
import { aContext, anInstance, functionWorld, sqsBatch, type FunctionWorld } from "./function-world.ts";

const id = "i-0a1b2c3d4e5f60001";
const node = "ip-10-0-1-5.eu-west-1.compute.internal";
const registered = aNodeObject({ name: node, providerId: `aws:///eu-west-1a/${id}` });
const launchToken = "71514b9d-6a40-4b26-8523-05e7ee35fa40";
const terminateToken = "87654321-4321-4321-4321-210987654321";

function handlerOf(world: FunctionWorld) {
  return createReconcileHandler(world.ports, world.log);
}
function deliver(world: FunctionWorld, bodies: readonly unknown[], deliveries = 1) {
  return handlerOf(world)(sqsBatch(bodies, deliveries), aContext());
}
function endpoints(world: FunctionWorld): readonly string[] {
  return world.cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name);
}
function again(...ids: readonly string[]) {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
}

describe("a batch of events", () => {
  test("a launch: the endpoint is there and the hook is let go", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    expect(await deliver(world, [recordedEvent("asg-launch-lifecycle")])).toEqual(again());
    expect(endpoints(world)).toEqual([node]);
    expect(world.hookCalls).toEqual([`complete ${launchToken} CONTINUE`]);
    expect(world.measured).toMatchObject([{ Created: 1, Failed: 0 }]);
    expect(world.measured[0]).not.toHaveProperty("Nodes");
  });

  test("the Node is not there yet: the hook is held, and the record comes again in 15 seconds", async () => {
    const world = functionWorld();
    world.ec2.set(id, anInstance(id, node, { state: "pending" }));
    expect(await deliver(world, [recordedEvent("asg-launch-lifecycle")])).toEqual(again("m0"));
    expect(world.hookCalls).toEqual([`heartbeat ${launchToken}`]);
    expect(world.postponed).toEqual(["r0 15"]);
  });

  test("ten records about one launch: one read, one answer to the hook", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    const one = functionWorld({ objects: [registered] });
    one.ec2.set(id, anInstance(id, node));
    await deliver(one, [recordedEvent("asg-launch-lifecycle")]);
    await deliver(
      world,
      Array.from({ length: 10 }, () => recordedEvent("asg-launch-lifecycle")),
    );
    expect(world.hookCalls).toHaveLength(1);
    expect(world.cluster.calls).toHaveLength(one.cluster.calls.length);
  });

  test("a resync beside a launch widens what is read, and takes nothing from what is known of each record", async () => {
    const world = functionWorld({ objects: [registered] });
    const other = "i-0b1b2c3d4e5f60002";
    world.ec2.set(id, anInstance(id, node));
    world.ec2.set(
      other,
      anInstance(other, "ip-10-9-9-9.eu-west-1.compute.internal", { clusters: ["staging"] }),
    );
    const foreign = recordedEvent("asg-launch-lifecycle", { instanceId: other }) as { detail: object };
    const elsewhere = { ...foreign, detail: { ...foreign.detail, LifecycleActionToken: "token-elsewhere" } };
    const answer = await deliver(world, [
      recordedEvent("health-several-instances"),
      recordedEvent("asg-launch-lifecycle"),
      elsewhere,
    ]);
    expect(answer).toEqual(again());
    expect(world.hookCalls).toEqual([`complete ${launchToken} CONTINUE`]);
    expect(endpoints(world)).toEqual([node]);
    expect(world.measured[0]).toHaveProperty("Nodes");
  });

  test("another cluster's instance is dropped: no error, no answer to its hook", async () => {
    const world = functionWorld({ objects: [registered] });
    const other = "i-0b1b2c3d4e5f60002";
    world.ec2.set(
      other,
      anInstance(other, "ip-10-9-9-9.eu-west-1.compute.internal", { clusters: ["staging"] }),
    );
    expect(await deliver(world, [recordedEvent("asg-launch-lifecycle", { instanceId: other })])).toEqual(
      again(),
    );
    expect(world.hookCalls).toEqual([]);
    expect(world.logged).toContainEqual(
      expect.objectContaining({ dispositions: { "acknowledge:other-cluster": 1 } }),
    );
  });

  test("a poison record comes back alone", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    const batch = [
      recordedEvent("poison-lifecycle"),
      recordedEvent("asg-launch-lifecycle"),
      "{",
      recordedEvent("unknown-source"),
    ];
    expect(await deliver(world, batch)).toEqual(again("m0", "m2"));
    expect(world.logged).toContainEqual(
      expect.objectContaining({
        message: "malformed record",
        problems: ['body: not JSON: "{"'],
        messageId: "m2",
      }),
    );
    expect(world.logged).toContainEqual(expect.objectContaining({ ignored: { "unknown-source": 1 } }));
  });

  test("nothing to look at, nothing read", async () => {
    const world = functionWorld({ objects: [registered] });
    await deliver(world, [recordedEvent("unknown-source"), recordedEvent("asg-raw-test-notification"), "{"]);
    expect(world.cluster.calls).toEqual([]);
  });

  test("the API server is down: everything that needs it comes again, launch hooks get time, terminate hooks wait", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    world.cluster.fail({ as: "timeout" });
    const batch = ["asg-launch-lifecycle", "asg-terminate-lifecycle", "unknown-source", "ec2-state-running"];
    expect(
      await deliver(
        world,
        batch.map((it) => recordedEvent(it)),
      ),
    ).toEqual(again("m0", "m1", "m3"));
    expect(world.hookCalls).toEqual([`heartbeat ${launchToken}`]);
    expect(world.measured).toEqual([{ Failed: 1 }]);
  });

  test("an answer that Auto Scaling refuses brings its record back", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    world.refusedTokens.add(launchToken);
    expect(await deliver(world, [recordedEvent("asg-launch-lifecycle")])).toEqual(again("m0"));
    expect(await deliver(world, [recordedEvent("asg-launch-lifecycle")], 2)).toEqual(again());
    expect(world.hookCalls).toEqual([`complete ${launchToken} CONTINUE`]);
  });

  test("EKS's own hook is left alone", async () => {
    const world = functionWorld({ objects: [registered] });
    world.ec2.set(id, anInstance(id, node));
    expect(await deliver(world, [recordedEvent("asg-terminate-lifecycle-foreign-hook")])).toEqual(again());
    expect(world.hookCalls).toEqual([]);
  });

  test("into a warm pool: let through without a look", async () => {
    const world = functionWorld();
    const batch = ["asg-launch-lifecycle-into-warm-pool", "asg-terminate-lifecycle-into-warm-pool"];
    expect(
      await deliver(
        world,
        batch.map((it) => recordedEvent(it)),
      ),
    ).toEqual(again());
    expect(world.hookCalls).toEqual([
      "complete 0f7c5c32-4f6e-4fb2-8b6c-60d2d1d8a1aa CONTINUE",
      "complete 0f7c5c32-4f6e-4fb2-8b6c-60d2d1d8a1ac CONTINUE",
    ]);
    expect(world.cluster.calls).toEqual([]);
  });

  test("terminating but alive: the endpoint stays until the Node is gone, the hook does not wait for it", async () => {
    const world = functionWorld({ objects: [registered, aHostEndpointObject({ node, name: node })] });
    world.ec2.set(id, anInstance(id, node, { state: "shutting-down" }));
    expect(await deliver(world, [recordedEvent("asg-terminate-lifecycle")])).toEqual(again());
    expect(endpoints(world)).toEqual([node]);
    expect(world.hookCalls).toEqual([`complete ${terminateToken} CONTINUE`]);
  });

  test("released: nothing is done, nobody's launch is held up", async () => {
    const world = functionWorld({ objects: [registered] });
    world.mark = "released";
    expect(
      await deliver(world, [recordedEvent("asg-launch-lifecycle"), recordedEvent("scheduler-resync")]),
    ).toEqual(again());
    expect(endpoints(world)).toEqual([]);
    expect(world.cluster.calls).toEqual([]);
    expect(world.hookCalls).toEqual([`complete ${launchToken} CONTINUE`]);
  });

  test("time runs out: the batch comes back before Lambda kills the run", async () => {
    const world = functionWorld({
      objects: [registered],
      beforeCall: () => new Promise((resolve) => setTimeout(resolve, 300)),
    });
    world.ec2.set(id, anInstance(id, node));
    const started = Date.now();
    const answer = await handlerOf(world)(sqsBatch([recordedEvent("asg-launch-lifecycle")]), aContext(4_400));
    expect(answer).toEqual(again("m0"));
    expect(Date.now() - started).toBeLessThan(3_000);
  });
});

describe("a payload", () => {
  test("the schedule reconciles the whole cluster and measures it", async () => {
    const world = functionWorld({ objects: [registered] });
    expect(await handlerOf(world)(recordedEvent("scheduler-resync"), aContext())).toMatchObject({
      status: "converged",
    });
    expect(endpoints(world)).toEqual([node]);
    expect(world.measured).toMatchObject([
      { Nodes: 1, Protected: 1, Unprotected: 0, Stale: 0, Succeeded: 1 },
    ]);
  });

  test("a plan writes nothing and answers as the command line does", async () => {
    const world = functionWorld({ objects: [registered] });
    const report = await handlerOf(world)({ action: "plan", nodes: [node] }, aContext());
    expect(report).toMatchObject({
      counts: { create: 1 },
      actions: [{ action: "create", outcome: "planned", node }],
    });
    expect(endpoints(world)).toEqual([]);
    expect(world.measured).toEqual([]);
  });

  test("doctor and explain answer as the command line does", async () => {
    const world = functionWorld({ objects: [registered, aHostEndpointObject({ node, name: node })] });
    expect(await handlerOf(world)({ action: "doctor" }, aContext())).toMatchObject({
      server: "https://in-memory",
      kubernetes: { version: "v1.34.4", user: "hostendpoint-reconciler" },
      nodes: { total: 1, protected: 1 },
    });
    expect(await handlerOf(world)({ action: "explain", nodes: [node] }, aContext())).toMatchObject({
      node,
      hostEndpoints: [{ name: node, effective: true }],
    });
    expect(await handlerOf(world)({ action: "explain" }, aContext())).toMatchObject({
      status: "refused",
      detail: expect.stringContaining("explain takes one name"),
    });
  });

  test("doctor says which hop failed when there is no way in", async () => {
    const world = functionWorld();
    const failing = {
      ...world.ports,
      cluster: {
        ...world.ports.cluster,
        use: () => Promise.reject(new UnreachableError("no AWS credentials", "credentials")),
      },
    };
    const handler = createReconcileHandler(failing, world.log);
    expect(await handler({ action: "doctor" }, aContext())).toMatchObject({
      status: "unreachable",
      hops: expect.arrayContaining([{ hop: "credentials", outcome: "failed", detail: "no AWS credentials" }]),
    });
  });

  test("managed node groups keep our hooks when the settings say so, on full runs alone", async () => {
    const lifecycle = settingsSchema.parse({
      lifecycle: { managedNodeGroups: true, launch: "abandon" },
    }).lifecycle;
    const world = functionWorld({ objects: [registered], settings: { lifecycle } });
    await handlerOf(world)({ action: "reconcile", nodes: [node] }, aContext());
    expect(world.hooksKept).toEqual([]);
    await handlerOf(world)({ action: "reconcile" }, aContext());
    expect(world.hooksKept).toEqual([
      ["hostendpoint-reconciler-launch ABANDON", "hostendpoint-reconciler-terminate CONTINUE"],
    ]);
  });

  test.each([
    [{ action: "reconcile", node: "a" }, "node: unknown key"],
    [{ action: "destroy" }, "action"],
    [{}, "neither an EventBridge event"],
    [null, "not a JSON object"],
  ])("%o is refused with its problems: an answer, no error of the function", async (payload, problem) => {
    const world = functionWorld();
    expect(await handlerOf(world)(payload, aContext())).toEqual({
      status: "refused",
      detail: expect.stringContaining(problem),
    });
    expect(world.logged).toContainEqual(expect.objectContaining({ message: "refused", level: "WARN" }));
    expect(world.measured).toEqual([]);
  });

  test("a batch that is none comes back whole: an answer would acknowledge its records", async () => {
    const world = functionWorld();
    await expect(handlerOf(world)({ Records: [] }, aContext())).rejects.toThrow("not a batch of SQS records");
  });

  test("released: the schedule is quiet, a person is told what to do, a plan still answers", async () => {
    const world = functionWorld({ objects: [registered] });
    world.mark = "released";
    const handler = handlerOf(world);
    expect(await handler(recordedEvent("scheduler-resync"), aContext())).toMatchObject({
      status: "skipped",
      reason: "released",
    });
    expect(await handler({ action: "reconcile" }, aContext())).toMatchObject({
      status: "refused",
      detail: expect.stringContaining('{"action":"rearm","confirm":"prod"}'),
    });
    expect(await handler({ action: "plan" }, aContext())).toMatchObject({ counts: { create: 1 } });
    expect(endpoints(world)).toEqual([]);
  });
});

test("Node 24 takes the handler: two parameters, no callback", () => {
  expect(handlerOf(functionWorld())).toHaveLength(2);
});
