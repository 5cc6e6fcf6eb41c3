/** Machines of the account that are none of ours: what they cost. The sentences of infra/COST.md, counted. */
import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { recordedEvent } from "../events/events.ts";
import { aContext, anInstance, functionWorld, sqsBatch } from "./function-world.ts";

const id = (n: number) => `i-0f${n.toString(16).padStart(15, "0")}`;
const life = [
  "ec2-state-pending",
  "ec2-state-running",
  "ec2-state-shutting-down",
  "ec2-state-terminated",
  "spot-interruption",
  "rebalance-recommendation",
  "health-instance-retirement",
] as const;
const none = { batchItemFailures: [] };

describe("foreign machines", () => {
  test.each(life)(
    "ten of them, %s: one DescribeInstances, no request to the cluster, none comes again",
    async (name) => {
      for (const clusters of [[], ["staging"]]) {
        const world = functionWorld();
        const records = Array.from({ length: 10 }, (_, n) => {
          world.ec2.set(id(n), anInstance(id(n), `ip-10-7-7-${n}.eu-west-1.compute.internal`, { clusters }));
          return recordedEvent(name, { instanceId: id(n) });
        });
        const handler = createReconcileHandler(world.ports, world.log);
        expect(await handler(sqsBatch(records), aContext())).toEqual(none);
        expect(world.cluster.calls).toEqual([]);
        expect(world.described).toHaveLength(1);
        const word = clusters.length === 0 ? "not-ours" : "other-cluster";
        expect(world.logged).toContainEqual(
          expect.objectContaining({ dispositions: { [`acknowledge:${word}`]: 10 } }),
        );
      }
    },
  );

  test("a whole life of one, record by record: four runs, no request to the cluster", async () => {
    const world = functionWorld();
    const handler = createReconcileHandler(world.ports, world.log);
    for (const [name, changes] of [
      ["ec2-state-pending", { state: "pending" }],
      ["ec2-state-running", {}],
      ["ec2-state-shutting-down", { state: "shutting-down" }],
      // EC2 has cleared the name by then.
      ["ec2-state-terminated", { state: "terminated", privateDnsName: "" }],
    ] as const) {
      world.ec2.set(
        id(1),
        anInstance(id(1), "ip-10-7-7-7.eu-west-1.compute.internal", { clusters: [], ...changes }),
      );
      expect(await handler(sqsBatch([recordedEvent(name, { instanceId: id(1) })]), aContext())).toEqual(none);
    }
    expect(world.cluster.calls).toEqual([]);
    expect(world.described).toHaveLength(4);
  });

  test("one of ours among a thousand: what it costs alone", async () => {
    const ours = id(5000);
    const node = "ip-10-0-1-5.eu-west-1.compute.internal";
    const worldOf = () => {
      const world = functionWorld({
        objects: [aNodeObject({ name: node, providerId: `aws:///eu-west-1a/${ours}` })],
      });
      world.ec2.set(ours, anInstance(ours, node));
      return world;
    };
    const alone = worldOf();
    await createReconcileHandler(alone.ports, alone.log)(
      sqsBatch([recordedEvent("ec2-state-running", { instanceId: ours })]),
      aContext(),
    );
    const among = worldOf();
    const records = Array.from({ length: 999 }, (_, n) => {
      among.ec2.set(id(n), anInstance(id(n), "", { clusters: [] }));
      return recordedEvent("ec2-state-running", { instanceId: id(n) });
    });
    await createReconcileHandler(among.ports, among.log)(
      sqsBatch([...records, recordedEvent("ec2-state-running", { instanceId: ours })]),
      aContext(),
    );
    expect(among.cluster.calls).toHaveLength(alone.cluster.calls.length);
    expect(among.described).toHaveLength(1);
  });
});

describe("a Node whose name nobody can foretell", () => {
  const custom = "worker-blue-7.example.internal";
  const ours = id(1);
  const objects = [aNodeObject({ name: custom, providerId: `aws:///eu-west-1a/${ours}` })];
  const running = recordedEvent("ec2-state-running", { instanceId: ours });
  const lists = (calls: readonly { readonly verb: string; readonly resource: string }[]) =>
    calls.filter((it) => it.verb === "list" && it.resource === "nodes").length;

  test("is found by one list, shared by the batch", async () => {
    const world = functionWorld({ objects });
    world.ec2.set(ours, anInstance(ours, "ip-10-0-1-5.eu-west-1.compute.internal"));
    world.ec2.set(id(2), anInstance(id(2), "ip-10-0-1-6.eu-west-1.compute.internal"));
    const handler = createReconcileHandler(world.ports, world.log);
    const batch = sqsBatch([running, recordedEvent("ec2-state-running", { instanceId: id(2) })]);
    expect(await handler(batch, aContext())).toEqual({ batchItemFailures: [{ itemIdentifier: "m1" }] });
    expect(lists(world.cluster.calls)).toBe(1);
    expect(
      world.cluster.list("crd.projectcalico.org/v1", "hostendpoints").map((it) => it.metadata.name),
    ).toEqual([custom]);
  });

  test("and without any once the resync has seen it, tag or no tag", async () => {
    const world = functionWorld({ objects });
    world.ec2.set(ours, anInstance(ours, "ip-10-0-1-5.eu-west-1.compute.internal", { clusters: [] }));
    const handler = createReconcileHandler(world.ports, world.log);
    await handler({ action: "reconcile", source: "schedule" }, aContext());
    const before = lists(world.cluster.calls);
    expect(await handler(sqsBatch([running]), aContext())).toEqual(none);
    expect(lists(world.cluster.calls)).toBe(before);
    expect(world.logged).toContainEqual(
      expect.objectContaining({ dispositions: { "acknowledge:converged": 1 } }),
    );
  });

  test("where every name was as EC2's, a Node that is not there yet costs no list", async () => {
    const plain = "ip-10-0-1-9.eu-west-1.compute.internal";
    const world = functionWorld({
      objects: [aNodeObject({ name: plain, providerId: `aws:///eu-west-1a/${id(9)}` })],
    });
    world.ec2.set(ours, anInstance(ours, "ip-10-0-1-5.eu-west-1.compute.internal"));
    const handler = createReconcileHandler(world.ports, world.log);
    await handler({ action: "reconcile", source: "schedule" }, aContext());
    const before = lists(world.cluster.calls);
    expect(await handler(sqsBatch([running]), aContext())).toEqual({
      batchItemFailures: [{ itemIdentifier: "m0" }],
    });
    expect(lists(world.cluster.calls)).toBe(before);
  });

  test("its endpoint goes with it, though EC2 says no name any more", async () => {
    const world = functionWorld({
      objects: [...objects, aHostEndpointObject({ node: custom, name: custom })],
    });
    world.ec2.set(ours, anInstance(ours, ""));
    const handler = createReconcileHandler(world.ports, world.log);
    await handler({ action: "reconcile", source: "schedule" }, aContext());
    world.cluster.remove("v1", "nodes", custom);
    const before = lists(world.cluster.calls);
    world.ec2.set(ours, anInstance(ours, "", { state: "terminated" }));
    await handler(sqsBatch([recordedEvent("ec2-state-terminated", { instanceId: ours })]), aContext());
    expect(lists(world.cluster.calls)).toBe(before);
    expect(world.cluster.list("crd.projectcalico.org/v1", "hostendpoints")).toEqual([]);
  });
});
