import { expect, test } from "@jest/globals";
import { describeOracle, oracleCases } from "../policy/oracle.ts";
import { replay, type AutoHepCase } from "./replay-auto-hep.ts";
import { compareReplay } from "./compare-replay.ts";

describeOracle("auto-hep.jsonl", () => {
  test("what Calico's controller made, and what is made of its configuration here", async () => {
    const counts = new Map<string, string[]>();
    for (const recorded of oracleCases<AutoHepCase>("auto-hep.jsonl")) {
      if (recorded.nondeterministic !== undefined) continue;
      const { kind, detail } = compareReplay(recorded, await replay(recorded));
      counts.set(kind, [...(counts.get(kind) ?? []), `${recorded.id}${detail === "" ? "" : `: ${detail}`}`]);
    }
    const lines = [...counts].map(([kind, ids]) => `${kind} ${ids.length}`);
    process.stdout.write(`oracle auto-hep.jsonl: ${lines.sort().join(", ")}\n`);
    expect(counts.get("fault") ?? []).toEqual([]);
  });
});
