/** Deletion is confirmed, not rationed: over time, over all runs and scopes. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { readLedger } from "../../../lib/model/deletion-ledger.ts";
import { CONFIRMED_ANNOTATION, DELETIONS_ANNOTATION, WAITS_ANNOTATION } from "../../../lib/names/names.ts";
import { metricsOf } from "../../../lib/observability/metrics-of.ts";
import { lawRuns } from "../law-runs.ts";
import { aFleet, goneEvents, nameOf, namesOf } from "./fleet.ts";

async function settled(count: number, options: Parameters<typeof aFleet>[0] = {}) {
  const fleet = aFleet(options);
  fleet.join(...namesOf(count));
  expect(await fleet.run()).toMatchObject({ status: "converged" });
  expect(fleet.endpoints()).toHaveLength(count);
  return fleet;
}
const carriesLedger = (fleet: Awaited<ReturnType<typeof settled>>) =>
  fleet.cluster
    .list(CALICO_V1, "hostendpoints")
    .filter((it) => it.metadata.annotations?.[DELETIONS_ANNOTATION] !== undefined).length;

describe("60 of 100 nodes vanish at once, and EC2 goes on running the machines", () => {
  test("deletions stop at the budget, for ever, with a finding and a metric, until a person confirms", async () => {
    const fleet = await settled(100);
    fleet.vanish(...namesOf(60));
    const first = await fleet.run();
    expect(fleet.endpoints()).toHaveLength(90);
    expect(first).toMatchObject({ status: "withheld", counts: { delete: 10, withheld: 50 } });
    expect(first.findings).toMatchObject([
      { severity: "error", code: "delete-budget", message: expect.stringContaining("60 of 100") },
    ]);
    expect(JSON.stringify(first)).not.toContain("have lost their node");
    for (let hour = 0; hour < 30; hour++) {
      fleet.pass(3_600);
      const later = await fleet.run();
      expect(later).toMatchObject({ status: "withheld", counts: { delete: 0, withheld: 50 } });
      expect(
        metricsOf({ report: later, whole: true, nodes: [], apiRequests: 0, milliseconds: 0, endedAt: 0 }),
      ).toMatchObject({ DeletesWaiting: 50, Stale: 50 });
    }
    expect(fleet.endpoints()).toHaveLength(90);

    const confirmed = await fleet.confirm();
    expect(confirmed).toMatchObject({ status: "converged", counts: { update: 50 } });
    expect(confirmed.findings[0]?.message).toContain("50 of nodes that the API server does not have");
    expect(fleet.endpoints()).toHaveLength(90);
    expect(await fleet.run()).toMatchObject({ status: "converged", counts: { delete: 50, withheld: 0 } });
    expect(fleet.endpoints()).toEqual(namesOf(100).slice(60));
    expect(await fleet.run()).toMatchObject({ status: "converged", actions: [] });
  });

  test("the same as events in batches of ten goes no further, alone or with the schedule beside them", async () => {
    for (const schedule of [false, true]) {
      const fleet = await settled(100);
      fleet.vanish(...namesOf(60));
      for (let batch = 0; batch < 6; batch++) {
        await fleet.run({ triggers: goneEvents(namesOf(60).slice(batch * 10, batch * 10 + 10)) });
        if (schedule) await fleet.run();
        fleet.pass(5);
      }
      expect(fleet.endpoints().length).toBeGreaterThanOrEqual(90);
      const last = await fleet.run({ triggers: goneEvents([nameOf(59)]) });
      expect(last).toMatchObject({ status: "withheld", counts: { delete: 0 } });
    }
  });

  test("the nodes come back: their endpoints stay, the marks go, and nothing is stopped any more", async () => {
    const fleet = await settled(100);
    fleet.vanish(...namesOf(60));
    await fleet.run();
    fleet.join(...namesOf(60));
    expect(await fleet.run()).toMatchObject({ status: "converged", counts: { create: 10, delete: 0 } });
    const marks = fleet.cluster
      .list(CALICO_V1, "hostendpoints")
      .filter((it) => it.metadata.annotations?.[WAITS_ANNOTATION] !== undefined);
    expect(marks).toEqual([]);
    fleet.pass(601);
    fleet.vanish(nameOf(0));
    expect(await fleet.run()).toMatchObject({ status: "converged", counts: { delete: 1 } });
  });

  test("a confirmation is for what was shown, and ends by itself", async () => {
    const fleet = await settled(100);
    fleet.vanish(...namesOf(60));
    await fleet.run();
    await fleet.confirm("60000");
    fleet.vanish(...namesOf(80));
    fleet.pass(30);
    expect((await fleet.run()).counts).toMatchObject({ withheld: 20 });
    expect(fleet.endpoints()).toHaveLength(40);
    const other = await settled(100);
    other.vanish(...namesOf(60));
    await other.run();
    await other.confirm("60000");
    other.pass(61);
    expect((await other.run()).counts).toMatchObject({ delete: 0, withheld: 50 });
  });

  test("a confirmation of some nodes is of these, a plan of one writes nothing, and nothing waiting is said", async () => {
    const fleet = await settled(100);
    expect((await fleet.confirm()).findings[0]?.message).toBe("no deletion waits for a person");
    fleet.vanish(...namesOf(60));
    await fleet.run();
    expect(await fleet.confirm("1h", [], { mode: "plan" })).toMatchObject({ counts: { update: 50 } });
    const isConfirmed = (it: { metadata: { annotations?: Readonly<Record<string, string>> } }) =>
      it.metadata.annotations?.[CONFIRMED_ANNOTATION] !== undefined;
    expect(fleet.cluster.list(CALICO_V1, "hostendpoints").filter(isConfirmed)).toEqual([]);
    await fleet.confirm("1h", [nameOf(30)]);
    expect((await fleet.run()).counts).toMatchObject({ delete: 1, withheld: 49 });
    expect(fleet.endpoints()).not.toContain(nameOf(30));
  });

  test.each(["-1", "0", String(24 * 3_600_000 + 1), "NaN"])(
    "a confirmation for %s ms is refused",
    async (until) => {
      const fleet = await settled(5);
      await expect(fleet.confirm(until)).rejects.toThrow(/until/);
    },
  );
});

describe("ordinary life needs no confirmation", () => {
  test.each(["terminated", "shutting-down", "forgotten"] as const)(
    "Karpenter takes 500 of 600 nodes, and EC2 has them as %s: all go at once",
    async (how) => {
      const fleet = await settled(600);
      fleet.terminate(namesOf(500), how);
      expect(await fleet.run()).toMatchObject({ status: "converged", counts: { delete: 500, withheld: 0 } });
    },
  );

  test("one more than the bound in ten minutes, over all runs, stops and waits", async () => {
    const fleet = await settled(700);
    fleet.terminate(namesOf(300));
    await fleet.run();
    fleet.terminate(namesOf(501));
    expect(await fleet.run()).toMatchObject({ status: "withheld", counts: { delete: 200, withheld: 1 } });
    fleet.pass(3_600);
    expect(await fleet.run()).toMatchObject({ status: "withheld", counts: { delete: 0, withheld: 1 } });
  });

  test("a drip of one node a minute for an hour: all go, known to EC2 or not", async () => {
    for (const ec2 of ["known", "none"] as const) {
      const fleet = await settled(100, { ec2 });
      for (let minute = 0; minute < 60; minute++) {
        if (ec2 === "known") fleet.terminate([nameOf(minute)]);
        else fleet.vanish(nameOf(minute));
        expect(await fleet.run()).toMatchObject({ status: "converged", counts: { delete: 1 } });
        fleet.pass(60);
      }
      expect(fleet.endpoints()).toHaveLength(40);
    }
  });

  test("a node group is replaced", async () => {
    const fleet = await settled(60);
    fleet.join(...namesOf(50, "new"));
    fleet.terminate(namesOf(50));
    expect(await fleet.run()).toMatchObject({ status: "converged", counts: { create: 50, delete: 50 } });
    expect(fleet.endpoints()).toHaveLength(60);
  });

  test("an empty cluster is left alone, and cleaned up when it is refilled", async () => {
    const fleet = await settled(30);
    fleet.terminate(namesOf(30), "forgotten");
    expect(await fleet.run()).toMatchObject({ status: "withheld", counts: { delete: 0 } });
    fleet.join(...namesOf(30, "new"));
    // Nothing of ours stays: an endpoint that the run makes carries the count.
    expect(await fleet.run()).toMatchObject({ status: "converged", counts: { create: 30, delete: 30 } });
    expect(carriesLedger(fleet)).toBe(1);
    expect(fleet.endpoints()).toEqual(namesOf(30, "new"));
  });
});

describe("what looks like ordinary life and is not", () => {
  test("all nodes are renamed and their machines run on: the new ones come, the old ones wait", async () => {
    const fleet = await settled(60);
    fleet.vanish(...namesOf(60));
    fleet.join(...namesOf(60, "new"));
    for (let run = 0; run < 5; run++) {
      await fleet.run();
      fleet.pass(300);
    }
    const old = fleet.endpoints().filter((it) => it.startsWith("node-"));
    expect(old.length).toBeGreaterThanOrEqual(50);
    expect(fleet.endpoints().filter((it) => it.startsWith("new-"))).toHaveLength(60);
    await fleet.confirm();
    await fleet.run();
    expect(fleet.endpoints()).toEqual(namesOf(60, "new"));
  });

  test("EC2 of another account knows nobody: that proves nothing", async () => {
    const fleet = await settled(100);
    fleet.machines.clear();
    fleet.vanish(...namesOf(60));
    expect(await fleet.run()).toMatchObject({ status: "withheld", counts: { delete: 10, withheld: 50 } });
  });

  test("nine nodes every five minutes are over the budget of ten minutes", async () => {
    const fleet = await settled(100, { ec2: "none" });
    for (let round = 0; round < 6; round++) {
      fleet.vanish(...namesOf(9 * (round + 1)));
      await fleet.run();
      fleet.pass(300);
    }
    expect(fleet.endpoints()).toHaveLength(90);
    expect(carriesLedger(fleet)).toBe(1);
  });

  test("the endpoint that carries the count goes: the count moves, and is not forgotten", async () => {
    const fleet = await settled(100, { ec2: "none" });
    fleet.vanish(nameOf(98), nameOf(99));
    await fleet.run();
    const [carrier] = fleet.cluster
      .list(CALICO_V1, "hostendpoints")
      .filter((it) => it.metadata.annotations?.[DELETIONS_ANNOTATION] !== undefined);
    expect(carrier?.metadata.name).toBe(nameOf(0));
    fleet.vanish(...namesOf(8));
    await fleet.run();
    expect(fleet.endpoints()).toHaveLength(90);
    fleet.vanish(nameOf(8));
    expect(await fleet.run()).toMatchObject({ counts: { delete: 0, withheld: 1 } });
  });

  test("a small fleet keeps the share: one of four goes, the second waits", async () => {
    const fleet = await settled(4, { ec2: "none" });
    fleet.vanish(nameOf(0), nameOf(1));
    await fleet.run();
    expect(fleet.endpoints()).toHaveLength(3);
  });
});

describe("its node lives, but no template wants it", () => {
  const typo = { endpoints: [{ nodes: "kubernetes.io/os == 'linus'" }] };

  test("a typo takes nothing away, run after run, and says what it is", async () => {
    const fleet = await settled(50);
    for (let run = 0; run < 20; run++) {
      const report = await fleet.run({ settings: typo });
      expect(report).toMatchObject({ status: "withheld", counts: { delete: 0, withheld: 50 } });
      expect(report.findings[0]).toMatchObject({
        code: "delete-unconfirmed",
        message: expect.stringContaining("50 of 50 endpoints are for nodes that live"),
      });
      fleet.pass(300);
    }
    expect(fleet.endpoints()).toHaveLength(50);
    expect(fleet.cluster.calls.filter((it) => it.verb === "update" || it.verb === "delete")).toEqual([]);
  });

  test("with a person's word they go; with `limits.unwantedDeletes` so many without", async () => {
    const fleet = await settled(50);
    await fleet.run({ settings: typo });
    expect(await fleet.confirm("1h", [], { settings: typo })).toMatchObject({ counts: { update: 50 } });
    expect(await fleet.run({ settings: typo })).toMatchObject({ counts: { delete: 50, withheld: 0 } });
    const some = await settled(5);
    const nodes = { endpoints: [{ nodes: `kubernetes.io/hostname != '${nameOf(0)}'` }] };
    expect(await some.run({ settings: nodes })).toMatchObject({ counts: { delete: 0, withheld: 1 } });
    expect(await some.run({ settings: { ...nodes, limits: { unwantedDeletes: 1 } } })).toMatchObject({
      counts: { delete: 1, withheld: 0 },
    });
  });
});

test("two runs at once delete no more than one may", async () => {
  const fleet = await settled(100, { ec2: "none" });
  fleet.vanish(...namesOf(6));
  const first = fleet.run();
  const second = fleet.run();
  await Promise.all([first, second]);
  fleet.vanish(...namesOf(100).slice(90));
  await Promise.all([fleet.run(), fleet.run()]);
  expect(fleet.endpoints().length).toBeGreaterThanOrEqual(90);
});

test("a broken count, or one that somebody made up, is bounded and counts for nothing", () => {
  const now = "2026-11-22T00:10:00Z";
  const entry = (text: string) => [{ annotations: { [DELETIONS_ANNOTATION]: text } }];
  for (const text of [
    "",
    "{",
    "[]",
    "[1]",
    '[["x",1,1,1,"id"]]',
    '[["2026-11-22T00:09:00Z",-1,0,0,"a"]]',
    "[".repeat(200_000),
  ])
    expect(readLedger(entry(text), now)).toEqual([]);
  expect(
    readLedger(entry('[["2026-11-22T00:09:00Z",1,2,3,"a"],["2026-11-22T00:00:00Z",9,9,9,"b"]]'), now),
  ).toEqual([{ at: "2026-11-22T00:09:00Z", counts: { proven: 1, unproven: 2, unwanted: 3 }, id: "a" }]);
});

test("law: whatever vanishes when, in whatever scopes it is seen, unproven deletions of ten minutes stay within the budget", async () => {
  const step = fc.record({
    vanish: fc.integer({ min: 0, max: 12 }),
    scope: fc.constantFrom("schedule", "events", "both at once"),
    seconds: fc.constantFrom(1, 30, 120, 400),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
      const fleet = await settled(80, { ec2: "none" });
      const left = namesOf(80);
      let now = 0;
      const deleted: { at: number; name: string }[] = [];
      for (const { vanish, scope, seconds } of steps) {
        const gone = left.splice(0, vanish);
        fleet.vanish(...gone);
        const before = new Set(fleet.endpoints());
        const events = () => fleet.run({ triggers: goneEvents(gone.slice(0, 10)) });
        if (scope === "schedule") await fleet.run();
        else if (scope === "events") await events();
        else await Promise.all([fleet.run(), events()]);
        const after = new Set(fleet.endpoints());
        for (const name of before) if (!after.has(name)) deleted.push({ at: now, name });
        // No endpoint of a node that lives.
        expect(left.every((it) => after.has(it))).toBe(true);
        for (const { at } of deleted)
          expect(deleted.filter((it) => it.at >= at && it.at < at + 600).length).toBeLessThanOrEqual(
            // Single deletions leave no trace while nothing else was counted: one a run.
            10 + steps.length,
          );
        now += seconds;
        fleet.pass(seconds);
      }
    }),
    { numRuns: lawRuns(8) },
  );
});
