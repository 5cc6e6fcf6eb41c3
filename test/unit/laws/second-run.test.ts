import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import type { Report } from "../../../lib/model/report.ts";
import { confirmDeletes } from "../../../lib/reconcile/confirm-deletes.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { endpointsIn, generous, isOurs, run, worlds } from "./worlds.ts";

/**
 * Law: a second run plans nothing. The guard may hold back writes whose orders it cannot prove all at once (several
 * endpoints that trade addresses) and let them go in the next run; where it did, the last of a few runs stands for the first.
 */
const MOST_RUNS = 4;

test.each([CALICO_V1, CALICO_V3] as const)(
  "a second run over the same world plans nothing (%s)",
  async (group) => {
    await fc.assert(
      fc.asyncProperty(worlds(group), async (objects) => {
        const cluster = createInMemoryCluster({ objects, calicoGroups: [group] });
        let first = await run(cluster.gateway);
        for (let runs = 1; runs < MOST_RUNS && isSpread(first.report); runs++)
          first = await run(cluster.gateway);
        expect(isSpread(first.report)).toBe(false);
        const before = endpointsIn(cluster, group);
        const callsBefore = cluster.calls.length;
        const { report } = await run(cluster.gateway);
        expect(report.actions.filter((it) => it.outcome !== "withheld")).toEqual([]);
        expect(endpointsIn(cluster, group)).toEqual(before);
        const verbs = new Set(cluster.calls.slice(callsBefore).map((it) => it.verb));
        expect([...verbs].filter((it) => it !== "get" && it !== "list")).toEqual([]);
      }),
      { numRuns: 150 },
    );
  },
);

/** Law: what is over the budget stops where it is, however often a run comes; a person's word leads to the same state. */
test("a small budget stops, and a person's word reaches the state that a large one reaches at once", async () => {
  let waited = 0;
  await fc.assert(
    fc.asyncProperty(worlds(), async (objects) => {
      const generousCluster = createInMemoryCluster({ objects });
      const tightCluster = createInMemoryCluster({ objects });
      const { report } = await run(generousCluster.gateway);
      fc.pre(report.counts.withheld === 0);
      const tight = {
        ...generous,
        limits: { ...generous.limits, deletes: 1, deleteShare: 0.01, unwantedDeletes: 0 },
      };
      await run(tightCluster.gateway, tight);
      const stopped = endpointsIn(tightCluster);
      const { report: again } = await run(tightCluster.gateway, tight);
      if (again.counts.withheld > 0) waited += 1;
      if (again.actions.every((it) => it.outcome === "withheld"))
        expect(endpointsIn(tightCluster)).toEqual(stopped);
      await confirmDeletes(
        { until: { kind: "for", milliseconds: 60_000 }, nodes: [], mode: "apply" },
        {
          settings: tight,
          cluster: tightCluster.gateway,
          clock: { now: () => Date.parse("2026-11-22T12:00:00Z"), sleep: () => Promise.resolve() },
        },
        AbortSignal.timeout(30_000),
      );
      await run(tightCluster.gateway, tight);
      expect(endpointsIn(tightCluster)).toEqual(endpointsIn(generousCluster));
    }),
    { numRuns: 80 },
  );
  // A law that is vacuous says so.
  expect(waited).toBeGreaterThan(0);
});

/** Law: names are valid, unique and stable: the same node keeps the same name whatever else changes about it. */
test("each node that may have one has one endpoint of ours under its own name, and keeps it", async () => {
  await fc.assert(
    fc.asyncProperty(worlds(), worlds(), async (objects, others) => {
      const cluster = createInMemoryCluster({ objects });
      await run(cluster.gateway);
      const before = ours(cluster);
      for (const it of others) if (it.kind === "Node") cluster.put(it);
      const { report } = await run(cluster.gateway);
      const after = ours(cluster);
      for (const { node } of report.nodes.filter((it) => it.status === "converged")) {
        const [endpoint, ...more] = after.filter((it) => it.spec?.["node"] === node);
        expect(more).toEqual([]);
        expect(endpoint?.metadata.name).toBe(node);
        const earlier = before.find((it) => it.metadata.name === node);
        if (earlier !== undefined) expect(endpoint?.metadata.uid).toBe(earlier.metadata.uid);
      }
    }),
    { numRuns: 80 },
  );
});

/** True when the guard held something back in a run that also wrote: the next one may go on. */
function isSpread(report: Report): boolean {
  const outcomes = new Set(report.actions.map((it) => it.outcome));
  return outcomes.has("withheld") && outcomes.has("applied");
}

function ours(cluster: InMemoryCluster) {
  return cluster.list(CALICO_V1, "hostendpoints").filter(isOurs);
}
