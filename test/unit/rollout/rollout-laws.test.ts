import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ALLOW_PROFILE, ROLLOUT_ANNOTATION } from "../../../lib/names/names.ts";
import { aStage, HALT, SOAK, type Stage } from "./stage.ts";

const NODES = ["a-1", "a-2", "a-3", "a-4", "b-1", "b-2", "b-3"];
const groupOf = (name: string) => name.slice(0, 1);

/** Watches every moment of a rollout; `check` throws what it saw. */
function aWitness(nodesPerGroup: number) {
  const proven = new Set<string>();
  const wrong: string[] = [];
  let before = new Map<string, { readonly allows: boolean; readonly phase: string | undefined }>();
  const look = (stage: Stage) => {
    const names = stage.endpoints();
    const isStopped = names.includes(HALT);
    const after = new Map<string, { readonly allows: boolean; readonly phase: string | undefined }>();
    for (const name of names.filter((it) => it !== HALT)) {
      const mark = stage.mark(name);
      const profiles = stage.endpoint(name)?.spec?.["profiles"];
      after.set(name, {
        allows: JSON.stringify(profiles) === JSON.stringify([ALLOW_PROFILE]),
        phase: mark?.phase,
      });
      const hasSoaked = mark?.phase === "soaking" && stage.now() - Date.parse(mark.since) >= SOAK * 1000;
      if (hasSoaked && stage.looksAlive(name)) proven.add(groupOf(name));
    }
    for (const [group, its] of Map.groupBy(after.keys(), groupOf))
      if (its.length > nodesPerGroup && !proven.has(group))
        wrong.push(`${its.join()} before group ${group} was proven`);
    for (const name of after.keys())
      if (!before.has(name) && isStopped) wrong.push(`${name} was created although the rollout is stopped`);
    for (const [name, last] of before)
      if (!after.has(name) && !(last.allows && last.phase === "rolled-back" && isStopped))
        wrong.push(`${name} was removed: ${JSON.stringify(last)}, ${isStopped ? "" : "not "}stopped`);
    before = after;
  };
  return { look, check: () => expect(wrong).toEqual([]) };
}

type Step =
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "run" }
  | { readonly do: "crash"; readonly writes: number }
  | { readonly do: "kill"; readonly node: string; readonly how: "not-ready" | "lease" }
  | { readonly do: "event"; readonly node: string };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.constantFrom(10, 60, 300, SOAK) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("run" as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("crash" as const), writes: fc.nat(6) }) },
    fc.record({
      do: fc.constant("kill" as const),
      node: fc.constantFrom(...NODES),
      how: fc.constantFrom("not-ready" as const, "lease" as const),
    }),
    fc.record({ do: fc.constant("event" as const), node: fc.constantFrom(...NODES) }),
  ),
  { minLength: 3, maxLength: 14 },
);

async function play(stage: Stage, its: readonly Step[]): Promise<void> {
  for (const step of its)
    switch (step.do) {
      case "pass":
        stage.pass(step.seconds);
        break;
      case "run":
        await stage.run();
        break;
      case "crash":
        await stage.crash(step.writes);
        break;
      case "kill":
        stage.kill(step.node, step.how);
        break;
      case "event":
        await stage.run({ triggers: [{ kind: "nodes", nodes: [step.node] }] });
        break;
    }
}

describe("whatever happens, and wherever a run dies", () => {
  test("no group goes further than proven, nothing is removed before it allows all and the stop is written, nothing begins once stopped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 }), steps, async (nodesPerGroup, its) => {
        const witness = aWitness(nodesPerGroup);
        const stage = aStage({ nodes: NODES, nodesPerGroup, look: witness.look });
        await play(stage, its);
        witness.check();
      }),
      { numRuns: 60 },
    );
  });

  test("the next runs end in a whole rollout, or in a stopped one without a sick canary; and then write nothing", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (its) => {
        const stage = aStage({ nodes: NODES });
        await play(stage, its);
        for (let round = 0; round < 4; round++) {
          stage.pass(SOAK);
          await stage.run();
        }
        const endpoints = stage.endpoints();
        expect(endpoints.filter((it) => stage.mark(it)?.phase === "rolled-back")).toEqual([]);
        if (endpoints.includes(HALT))
          expect(endpoints.filter((it) => stage.mark(it)?.phase === "soaking" && stage.isDead(it))).toEqual(
            [],
          );
        else if (!NODES.some((it) => stage.isDead(it))) expect(endpoints).toEqual(NODES);
        const calls = stage.cluster.calls.length;
        await stage.run();
        expect(
          stage.cluster.calls.slice(calls).filter((it) => it.verb !== "get" && it.verb !== "list"),
        ).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("stage enforce ends it: every node has its endpoint, and no mark is left", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (its) => {
        const stage = aStage({ nodes: NODES });
        await play(stage, its);
        await stage.run({ settings: { stage: "enforce" } });
        expect(stage.endpoints()).toEqual(NODES);
        for (const name of NODES) {
          expect(stage.endpoint(name)?.metadata.annotations).not.toHaveProperty([ROLLOUT_ANNOTATION]);
          expect(stage.endpoint(name)?.spec).not.toHaveProperty("profiles");
        }
        const { report } = await stage.run({ settings: { stage: "enforce" } });
        expect(report).toMatchObject({ status: "converged", actions: [] });
      }),
      { numRuns: 40 },
    );
  });
});

/** Every place at which a rollback can die: two canaries, so two updates, one mark, two removals. */
test.each([0, 1, 2, 3, 4])(
  "a rollback that dies before its write %i is taken up where it was, in the same order",
  async (writes) => {
    const witness = aWitness(2);
    const stage = aStage({ nodes: ["a-1", "a-2", "a-3"], nodesPerGroup: 2, look: witness.look });
    await stage.run();
    stage.kill("a-1", "lease");
    stage.kill("a-2", "not-ready");
    stage.pass(200);
    await stage.crash(writes);
    if (writes === 0) stage.pass(1);
    await stage.run();
    expect(stage.endpoints()).toEqual([HALT]);
    witness.check();
    // Health that comes back does not begin the rollout again; only a person does.
    for (const name of ["a-1", "a-2"]) stage.revive(name);
    stage.pass(SOAK);
    const { report } = await stage.run();
    expect(stage.endpoints()).toEqual([HALT]);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ severity: "error", code: "canary-rolled-back" }),
    );
  },
);
