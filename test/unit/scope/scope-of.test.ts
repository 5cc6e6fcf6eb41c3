import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { scopeOf } from "../../../lib/scope/scope-of.ts";
import { parseTrigger } from "../../../lib/trigger/parse-trigger.ts";
import { recordedEvent } from "../../events/events.ts";

const trigger: fc.Arbitrary<Trigger> = fc.oneof(
  fc.record({
    kind: fc.constant("instance" as const),
    instanceId: fc.constantFrom("i-0a", "i-0b", "i-0c"),
    change: fc.constantFrom(
      "launching" as const,
      "running" as const,
      "terminating" as const,
      "gone" as const,
    ),
  }),
  fc.record({ kind: fc.constant("nodes" as const), nodes: fc.array(fc.constantFrom("a", "b", "c")) }),
);
const resync: Trigger = { kind: "resync", source: "schedule" };

test("nothing to look at is an empty scope", () => {
  expect(scopeOf([])).toEqual({ kind: "nodes", nodes: [], instances: [] });
});

test("a scope holds every node and instance once, sorted, whatever the order and number of triggers", () => {
  fc.assert(
    fc.property(fc.array(trigger), fc.nat(), (triggers, turn) => {
      const scope = scopeOf(triggers);
      const rotated = [
        ...triggers.slice(turn % (triggers.length + 1)),
        ...triggers.slice(0, turn % (triggers.length + 1)),
      ];
      expect(scopeOf([...rotated, ...triggers].reverse())).toEqual(scope);
      expect(scope).toEqual({
        kind: "nodes",
        nodes: [...new Set(triggers.flatMap((it) => (it.kind === "nodes" ? it.nodes : [])))].sort(),
        instances: [
          ...new Set(triggers.flatMap((it) => (it.kind === "instance" ? [it.instanceId] : []))),
        ].sort(),
      });
    }),
  );
});

test("any resync widens to the cluster", () => {
  fc.assert(
    fc.property(fc.array(trigger), fc.array(trigger), (before, after) => {
      const all = [...before, ...after];
      const named = scopeOf(all);
      expect(scopeOf([...before, resync, ...after])).toEqual(
        named.kind === "nodes" && named.instances.length > 0
          ? { kind: "cluster", instances: named.instances }
          : { kind: "cluster" },
      );
    }),
  );
});

test.each([
  ["asg-launch-lifecycle-into-warm-pool", []],
  ["asg-terminate-lifecycle-into-warm-pool", []],
  ["asg-launch-lifecycle-from-warm-pool", ["i-0a1b2c3d4e5f60001"]],
  ["asg-terminate-lifecycle", ["i-0a1b2c3d4e5f60001"]],
] as const)("%s", (name, instances) => {
  const parsed = parseTrigger(recordedEvent(name), { via: "queue" });
  if (parsed.kind !== "trigger") throw new Error("not a trigger");
  expect(scopeOf([parsed.trigger])).toEqual({ kind: "nodes", nodes: [], instances });
});
