import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { haltName, ROLLOUT_ANNOTATION } from "../../../lib/names/names.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { someSettings } from "../../builders/a-guard-request.ts";
import { aLease } from "../../builders/a-lease.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const START = Date.parse("2026-11-22T00:00:00Z");
const SOAK = 600;
const HALT = haltName("hostendpoint-reconciler");

/** A cluster of three node groups whose kubelets are alive until told otherwise, and a clock. */
function aStage(options: { readonly crashAfterWrites?: () => boolean } = {}) {
  const nodes = ["a-1", "a-2", "a-3", "b-1", "b-2", "c-1"];
  let now = START;
  const dead = new Set<string>();
  const cluster: InMemoryCluster = createInMemoryCluster({
    now: () => now,
    beforeCall: (call) => {
      if (call.verb !== "get" && call.verb !== "list" && options.crashAfterWrites?.() === true)
        throw new Error("crash");
    },
  });
  const put = (name: string) =>
    cluster.put(
      aNodeObject({
        name,
        labels: { "eks.amazonaws.com/nodegroup": name.slice(0, 1) },
        addresses: [{ type: "InternalIP", address: `10.0.${name.charCodeAt(0)}.${name.slice(2)}` }],
        ready: dead.has(name) ? "Unknown" : "True",
      }),
    );
  const renew = () => {
    for (const name of nodes) if (!dead.has(name)) cluster.put(aLease(name, now));
  };
  nodes.forEach(put);
  renew();
  const settings = someSettings({ stage: "canary", canary: { soakSeconds: SOAK } });
  const run = () =>
    reconcile(
      { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
      { settings, cluster: cluster.gateway, clock: { now: () => now - 1_200_000, sleep: async () => {} } },
      AbortSignal.timeout(30_000),
    );
  return {
    cluster,
    run,
    pass: (seconds: number) => {
      now += seconds * 1000;
      renew();
    },
    kill: (name: string, how: "not-ready" | "lease") => {
      dead.add(name);
      if (how === "not-ready") put(name);
    },
    endpoints: () => cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name),
    endpoint: (name: string) => cluster.get(CALICO_V1, "hostendpoints", name),
    remove: (name: string) => {
      cluster.remove(CALICO_V1, "hostendpoints", name);
    },
  };
}

describe("stage canary", () => {
  test("one node of each group first; the groups follow when their canaries stayed healthy; then it is silent", async () => {
    const stage = aStage();
    const first = await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "b-1", "c-1"]);
    expect(first.report.actions.filter((it) => it.outcome === "withheld").map((it) => it.reason)).toEqual([
      "canary-wait",
      "canary-wait",
      "canary-wait",
    ]);
    stage.pass(SOAK / 2);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "b-1", "c-1"]);
    stage.pass(SOAK / 2);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "a-2", "a-3", "b-1", "b-2", "c-1"]);
    stage.pass(60);
    const last = await stage.run();
    expect(last.report).toMatchObject({ status: "converged", actions: [] });
  });

  test.each(["not-ready", "lease"] as const)(
    "a canary that falls ill (%s): allow profile, away, stop, alarm, no other node",
    async (how) => {
      const stage = aStage();
      await stage.run();
      stage.kill("a-1", how);
      stage.pass(SOAK / 2);
      const { report } = await stage.run();
      expect(report.findings).toContainEqual(
        expect.objectContaining({ severity: "error", code: "canary-rolled-back" }),
      );
      expect(stage.endpoints()).toEqual(["b-1", "c-1", HALT]);
      const writes = stage.cluster.calls
        .filter((it) => it.name === "a-1" && it.verb !== "get")
        .map((it) => it.verb);
      expect([...new Set(writes)]).toEqual(["create", "update", "delete"]);
      stage.pass(SOAK * 2);
      const later = await stage.run();
      expect(stage.endpoints()).toEqual(["b-1", "c-1", HALT]);
      expect(later.report.actions.map((it) => it.reason)).toEqual([
        "canary-rolled-back",
        "canary-rolled-back",
        "canary-rolled-back",
        "canary-rolled-back",
      ]);
      // A person looks into it and lets the rollout begin anew.
      stage.remove(HALT);
      await stage.run();
      expect(stage.endpoints().filter((it) => it.startsWith("a-"))).toHaveLength(1);
    },
  );

  test("a healthy canary of long ago is no canary any more: a node that falls ill later keeps its endpoint", async () => {
    const stage = aStage();
    await stage.run();
    stage.pass(SOAK);
    await stage.run();
    expect(stage.endpoint("c-1")?.metadata.annotations).not.toHaveProperty([ROLLOUT_ANNOTATION]);
    stage.kill("c-1", "not-ready");
    stage.pass(SOAK);
    const { report } = await stage.run();
    expect(report.findings.map((it) => it.code)).not.toContain("canary-rolled-back");
    expect(stage.endpoints()).toContain("c-1");
  });

  test("a crash after any write is made good by the next runs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 14 }),
        fc.constantFrom(undefined, "a-1", "b-1"),
        async (writes, victim) => {
          let left = writes;
          let armed = true;
          const stage = aStage({ crashAfterWrites: () => armed && left-- <= 0 });
          const attempt = async () => {
            await stage.run().catch(() => undefined);
          };
          await attempt();
          stage.pass(30);
          if (victim !== undefined) stage.kill(victim, "not-ready");
          await attempt();
          armed = false;
          for (let round = 0; round < 6; round++) {
            stage.pass(SOAK);
            await stage.run();
          }
          const endpoints = stage.endpoints();
          const stopped = endpoints.includes(HALT);
          if (stopped) expect(endpoints).not.toContain(victim);
          else
            expect(endpoints.filter((it) => it !== victim)).toEqual(
              ["a-1", "a-2", "a-3", "b-1", "b-2", "c-1"].filter((it) => it !== victim),
            );
          for (const name of endpoints)
            expect(stage.endpoint(name)?.metadata.annotations?.[ROLLOUT_ANNOTATION] ?? "").not.toContain(
              "rolled-back",
            );
        },
      ),
      { numRuns: 60 },
    );
  });
});
