import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { stringAt } from "../../../lib/model/read-json.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { endpointsIn, generous, nodeNames, resync, run, worlds } from "./worlds.ts";

/**
 * Law: the order and the number of events do not change the final state. Whatever tells us about every node that changed,
 * in whatever order, batched or not, repeated or not, leaves what one look at everything leaves.
 */
test("events in any order, number and batch end where a resync ends", async () => {
  const batches = fc
    .tuple(
      fc.shuffledSubarray([...nodeNames], { minLength: nodeNames.length }),
      fc.array(fc.constantFrom(...nodeNames), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 12, maxLength: 12 }),
    )
    .chain(([everyOne, repeated, sizes]) =>
      fc
        .shuffledSubarray([...everyOne, ...repeated], { minLength: everyOne.length + repeated.length })
        .map((names) => {
          const found: Trigger[][] = [];
          let at = 0;
          for (const size of sizes) {
            found.push(names.slice(at, at + size).map((name) => ({ kind: "nodes", nodes: [name] })));
            at += size;
          }
          return found;
        }),
    );
  await fc.assert(
    fc.asyncProperty(worlds(), batches, async (objects, events) => {
      const inhabited = [...objects.filter(isInItsOwnPlace), aNodeObject({ name: "neighbour" })];
      const swept = createInMemoryCluster({ objects: inhabited });
      await run(swept.gateway, generous, [resync]);
      const told = createInMemoryCluster({ objects: inhabited });
      await run(told.gateway, generous, [{ kind: "nodes", nodes: ["neighbour"] }]);
      for (const batch of events) await run(told.gateway, generous, batch);
      expect(endpointsIn(told)).toEqual(endpointsIn(swept));
    }),
    { numRuns: 150 },
  );
});

/**
 * An event about a node looks at the endpoints that bear the node's name. One of ours that was renamed to another node by
 * hand is found by the resync, not by events; and a cluster without a Node is never cleaned up by a resync.
 */
function isInItsOwnPlace(object: KubernetesObject): boolean {
  const name = stringAt(object.spec, "node") ?? "";
  return object.kind === "Node" || [name, `${name}-auto-hep`].includes(object.metadata.name);
}
