/**
 * Scenario 20: overlap. Given two runs at once, while nodes come, go and change, then no object is there twice, conflicts are
 * read again and decided again, and the final state is what one run alone would have made. The proxy delays requests at
 * random, so that the two take turns in another order each time; the seed is printed when an order does harm.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../lib/model/report.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { aNodeObject, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const names = someNodeObjects(8).map((it) => it.metadata.name);
const settings = { limits: { deletes: 100, deleteShare: 1 } };

/** Nodes 0 to 5 are there; 0 and 1 are protected, 2 has drifted, 6 left an endpoint behind; 3, 4, 5 have none. */
async function arrange(world: World): Promise<void> {
  const right = (name: string) => aHostEndpointObject({ name, labels: { "kubernetes.io/hostname": name } });
  await world.put([
    ...someNodeObjects(6),
    ...[names[0], names[1], names[6]].flatMap((it) => (it === undefined ? [] : [right(it)])),
    aHostEndpointObject({ name: names[2] ?? "", profiles: [], labels: { stale: "1" } }),
  ]);
}

/** One by one: a node leaves, a machine takes over another's name, a label changes, a node joins. */
async function live(world: World, pauses: readonly number[]): Promise<void> {
  const [leaving = "", replaced = "", , relabelled = "", , , , joining = ""] = names;
  const steps = [
    () => world.removeNodes(leaving),
    async () => {
      await world.removeNodes(replaced);
      await world.put([aNodeObject({ name: replaced, labels: { tier: "web" } })]);
    },
    () => world.put([aNodeObject({ name: relabelled, labels: { tier: "db" } })]),
    () => world.put([aNodeObject({ name: joining })]),
  ];
  for (const [index, step] of steps.entries()) {
    await sleep(pauses[index]);
    await step();
  }
}

/** What a single run makes of the world as it is now. */
function expectSettled(report: Report): void {
  expect(report.actions).toEqual([]);
  expect(report.status).toBe("converged");
}

const milliseconds = fc.integer({ min: 0, max: 60 });
const delays = fc.array(milliseconds, { minLength: 60, maxLength: 60 });
const pauses = fc.array(milliseconds, { minLength: 4, maxLength: 4 });

describeScenario("scenario 20: overlap", (world) => {
  test("two runs over a world at rest end where one run ends, whatever their order", async () => {
    await fc.assert(
      fc.asyncProperty(delays, async (its) => {
        await begin(world(), its);
        const reports = await Promise.all([world().run({ settings }), world().run({ settings })]);
        world().network.heal();
        for (const { report } of reports)
          expect(report).toMatchObject({ status: "converged", counts: { failed: 0 } });
        expect(await world().endpointNames()).toEqual(names.slice(0, 6));
        expectSettled((await world().run({ settings })).report);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("two runs while nodes come, go and change: nobody alive loses an endpoint, and the next run settles the rest", async () => {
    await fc.assert(
      fc.asyncProperty(delays, pauses, async (its, between) => {
        await begin(world(), its);
        await Promise.all([
          world().run({ settings }),
          world().run({ settings, triggers: [{ kind: "nodes", nodes: names }] }),
          live(world(), between),
        ]);
        world().network.heal();
        expect(await world().endpointNames()).toEqual(expect.arrayContaining(names.slice(1, 6)));
        await world().run({ settings });
        expectSettled((await world().run({ settings })).report);
        expect(await world().endpointNames()).toEqual([...names.slice(1, 6), names[7]]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

async function begin(world: World, its: readonly number[]): Promise<void> {
  world.network.heal();
  await world.controlPlane.resetObjects();
  await arrange(world);
  for (const [index, delay] of its.entries())
    world.network.fail({ call: index + 1, as: { kind: "delay", milliseconds: delay } });
}
