import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { endpointsIn, generous, isOurs, nodeNames, run, worlds } from "./worlds.ts";

const someNodes = fc.uniqueArray(fc.constantFrom(...nodeNames), { minLength: 1, maxLength: 3 });

/** As in production, where EC2 can be asked; it knows none of these machines. */
const ec2 = { describeInstances: () => Promise.resolve([]) };

/** Law: no action outside the scope. */
test("a scoped run changes nothing that belongs to a node outside its scope", async () => {
  await fc.assert(
    fc.asyncProperty(worlds(), someNodes, async (objects, nodes) => {
      const cluster = createInMemoryCluster({ objects });
      const elsewhere = () =>
        endpointsIn(cluster).filter(
          ({ metadata, spec }) => !nodes.some((it) => metadata.name.startsWith(it) || spec?.["node"] === it),
        );
      const before = elsewhere();
      const { report } = await run(cluster.gateway, generous, [{ kind: "nodes", nodes }], ec2);
      expect(elsewhere()).toEqual(before);
      expect(report.actions.filter((it) => !nodes.some((node) => node === it.node))).toEqual([]);
      // Deletions are counted over the whole cluster.
      if (!report.actions.some((it) => it.action === "delete"))
        expect(
          cluster.calls.filter((it) => it.verb === "list" && /^(nodes|hostendpoints)$/.test(it.resource)),
        ).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

/** Law: no action on a foreign object. */
test("what is not ours is there afterwards exactly as before", async () => {
  await fc.assert(
    fc.asyncProperty(worlds(), async (objects) => {
      const cluster = createInMemoryCluster({ objects });
      const foreign = () => cluster.list(CALICO_V1, "hostendpoints").filter((it) => !isOurs(it));
      const before = foreign();
      await run(cluster.gateway);
      const names = new Set(before.map((it) => it.metadata.name));
      expect(foreign().filter((it) => names.has(it.metadata.name))).toEqual(before);
    }),
    { numRuns: 150 },
  );
});

/** Law: never beyond the budget, and never on a cluster that lists no Node. */
test("deletions stay within the budget, and an empty cluster loses nothing", async () => {
  const budgets = fc.record({ deletes: fc.nat(3), deleteShare: fc.constantFrom(0, 0.2, 0.5, 1) });
  await fc.assert(
    fc.asyncProperty(worlds(), budgets, async (objects, limits) => {
      const cluster = createInMemoryCluster({ objects });
      const before = cluster.list(CALICO_V1, "hostendpoints");
      const owned = before.filter(isOurs).length;
      await run(cluster.gateway, settingsSchema.parse({ limits }));
      const left = new Set(cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.uid));
      const deleted = before.filter((it) => !left.has(it.metadata.uid)).length;
      expect(deleted).toBeLessThanOrEqual(
        Math.min(limits.deletes, Math.max(1, Math.floor(owned * limits.deleteShare))),
      );
      if (!objects.some((it) => it.kind === "Node")) expect(deleted).toBe(0);
    }),
    { numRuns: 150 },
  );
});

/** Law: in observe nothing is allowed, and nothing is written. */
test("stage observe writes nothing and withholds every action", async () => {
  await fc.assert(
    fc.asyncProperty(worlds(), async (objects) => {
      const cluster = createInMemoryCluster({ objects });
      const before = cluster.list(CALICO_V1, "hostendpoints");
      const { report } = await run(cluster.gateway, settingsSchema.parse({ stage: "observe" }));
      expect(cluster.list(CALICO_V1, "hostendpoints")).toEqual(before);
      expect(report.actions.every((it) => it.outcome === "withheld")).toBe(true);
    }),
    { numRuns: 80 },
  );
});

/** Law: apply never runs what guard withheld. */
test("an endpoint whose action was withheld is untouched", async () => {
  const reasons = fc.constantFrom(
    { objects: [pause], settings: {} },
    { objects: [autoCreation], settings: {} },
    { objects: [], settings: { endpoints: [{ profiles: ["ghost"] }] } },
    { objects: [], settings: { limits: { deletes: 0 } } },
  );
  await fc.assert(
    fc.asyncProperty(worlds(), reasons, async (objects, reason) => {
      const cluster = createInMemoryCluster({ objects: [...objects, ...reason.objects] });
      const before = new Map(endpointsIn(cluster).map((it) => [it.metadata.name, it]));
      const { report } = await run(cluster.gateway, settingsSchema.parse(reason.settings));
      const after = new Map(endpointsIn(cluster).map((it) => [it.metadata.name, it]));
      for (const { hostEndpoint } of report.actions.filter((it) => it.outcome === "withheld"))
        expect(after.get(hostEndpoint)).toEqual(before.get(hostEndpoint));
    }),
    { numRuns: 150 },
  );
});

const pause = {
  apiVersion: CALICO_V1,
  kind: "ClusterInformation",
  metadata: { name: "default" },
  spec: { datastoreReady: false },
};
const autoCreation = {
  apiVersion: CALICO_V1,
  kind: "KubeControllersConfiguration",
  metadata: { name: "default" },
  spec: { controllers: { node: { hostEndpoint: { autoCreate: "Enabled" } } } },
};
