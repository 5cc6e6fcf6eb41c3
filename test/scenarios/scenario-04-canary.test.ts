/**
 * Scenario 4: canary and automatic rollback. Given stage `canary` with one node, when its Node turns NotReady or its lease
 * stops renewing within the soak time, then the tool puts the allow profile on the HostEndpoint, then removes it, stops,
 * alarms, and touches no other node.
 */
import { expect, test } from "@jest/globals";
import { haltName } from "../../lib/names/names.ts";
import { aLease } from "../builders/a-lease.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const START = Date.parse("2026-11-22T00:00:00Z");
const settings = { stage: "canary", canary: { soakSeconds: 600 } };
const names = ["node-0", "node-1", "node-2"];
const HALT = haltName("hostendpoint-reconciler");

function runAt(world: World, seconds: number) {
  return world.run({ settings, clock: { now: () => START + seconds * 1000, sleep: async () => {} } });
}

describeScenario("scenario 4: canary and automatic rollback", (world) => {
  test.each([
    [
      "its Node turns NotReady",
      [aNodeObject({ name: "node-0", ready: "False" }), aLease("node-0", START + 300_000)],
    ],
    ["its lease stops renewing", [aNodeObject({ name: "node-0" }), aLease("node-0", START)]],
  ])("%s", async (_name, sick) => {
    await world().put([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-node-lease" } },
      ...names.map((name) => aNodeObject({ name })),
      ...names.map((name) => aLease(name, START)),
    ]);
    await runAt(world(), 0);
    expect(await world().endpointNames()).toEqual(["node-0"]);

    await world().put(sick);
    const { report } = await runAt(world(), 300);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ severity: "error", code: "canary-rolled-back" }),
    );
    expect(await world().endpointNames()).toEqual([HALT]);
    const writes = (await world().controlPlane.requests.list({ resource: "hostendpoints" })).filter(
      (it) => it.name === "node-0" && it.verb !== "get",
    );
    expect([...new Set(writes.map((it) => it.verb))]).toEqual(["create", "update", "delete"]);
    expect(await world().writes()).not.toContain("create node-1");

    const later = await runAt(world(), 3_600);
    expect(await world().endpointNames()).toEqual([HALT]);
    expect(later.report.actions.map((it) => [it.outcome, it.reason])).toEqual(
      Array(3).fill(["withheld", "canary-rolled-back"]),
    );
  });

  test("a canary that stays healthy opens its group", async () => {
    await world().put([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-node-lease" } },
      ...names.map((name) => aNodeObject({ name })),
    ]);
    await runAt(world(), 0);
    await world().put(names.map((name) => aLease(name, START + 600_000)));
    await runAt(world(), 600);
    expect(await world().endpointNames()).toEqual(names);
    expect((await runAt(world(), 660)).report).toMatchObject({ status: "converged", actions: [] });
  });
});
