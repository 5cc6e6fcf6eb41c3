import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { NODE_UID_ANNOTATION } from "../../../lib/names/names.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { generous, resync, run } from "./worlds.ts";

/**
 * Law: no reachable interleaving of two runs leaves a live node without its HostEndpoint, nodes that come and go under one
 * name included; and what a run leaves there is the endpoint of the machine that it met, not of an earlier one.
 *
 * Two runs and the nodes themselves take their steps in an order that fast-check chooses and shrinks. `neighbour` keeps
 * the cluster from being empty. Each step is watched, so that a node which had its endpoint once can be asked for it.
 */
const name = "node-1";
const neighbour = aNodeObject({ name: "neighbour" });

const tier = fc.constantFrom("db", "web", "cache");
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("register" as const), tier }),
    fc.record({ kind: fc.constant("leave" as const) }),
    fc.record({ kind: fc.constant("relabel" as const), tier }),
  ),
  { maxLength: 4 },
);
const beginnings = fc.record({
  node: fc.boolean(),
  endpoint: fc.constantFrom("none", "of-the-node", "of-an-earlier-node"),
});
const triggerLists: fc.Arbitrary<readonly Trigger[]> = fc.constantFrom(
  [resync],
  [{ kind: "nodes", nodes: [name] }],
);

type Machine = { readonly uid: string; readonly tier: string };

function machineIn(cluster: InMemoryCluster): Machine | undefined {
  const node = cluster.get("v1", "nodes", name);
  return node === undefined
    ? undefined
    : { uid: node.metadata.uid ?? "", tier: node.metadata.labels?.["tier"] ?? "" };
}

function endpointIn(cluster: InMemoryCluster): Machine | undefined {
  const found = cluster.get(CALICO_V1, "hostendpoints", name);
  if (found === undefined) return undefined;
  const { annotations = {}, labels = {} } = found.metadata;
  return { uid: annotations[NODE_UID_ANNOTATION] ?? "", tier: labels["tier"] ?? "" };
}

test("two runs and the nodes' own coming and going, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      beginnings,
      steps,
      fc.tuple(triggerLists, triggerLists),
      async (scheduler, beginning, changes, triggers) => {
        let machines = 0;
        const register = (it: string) =>
          aNodeObject({ name, uid: `machine-${++machines}`, labels: { tier: it } });
        const first = register("db");
        /** UIDs of machines that had an endpoint while they lived; the changes that were made so far. */
        const protectedOnce = new Set<string>();
        let changesMade = 0;
        const look = () => {
          const machine = machineIn(cluster);
          if (machine !== undefined && endpointIn(cluster) !== undefined) protectedOnce.add(machine.uid);
        };
        const cluster = createInMemoryCluster({
          objects: [neighbour, ...(beginning.node ? [first] : []), ...endpointsAtFirst(beginning.endpoint)],
          beforeCall: async (call) => {
            look();
            await scheduler.schedule(Promise.resolve(), `${call.verb} ${call.resource} ${call.name ?? ""}`);
            look();
          },
        });
        const live = async () => {
          for (const change of changes) {
            await scheduler.schedule(Promise.resolve(), `node: ${JSON.stringify(change)}`);
            look();
            if (change.kind === "leave") cluster.remove("v1", "nodes", name);
            if (change.kind === "register" && machineIn(cluster) === undefined)
              cluster.put(register(change.tier));
            if (change.kind === "relabel" && machineIn(cluster) !== undefined) relabel(cluster, change.tier);
            changesMade += 1;
            look();
          }
        };
        const runOnce = async (its: readonly Trigger[]) => {
          await scheduler.schedule(Promise.resolve(), "run begins");
          const begunAfter = changesMade;
          const { report } = await run(cluster.gateway, generous, its);
          return { begunAfter, status: report.nodes.find((it) => it.node === name)?.status };
        };
        const all = Promise.all([runOnce(triggers[0]), runOnce(triggers[1]), live()]);
        await scheduler.waitFor(all);
        const [one, two] = await all;

        const machine = machineIn(cluster);
        if (machine === undefined) return;
        const endpoint = endpointIn(cluster);
        if (protectedOnce.has(machine.uid)) expect(endpoint).toBeDefined();
        const informed = [one, two].filter((it) => it.begunAfter === changesMade);
        if (informed.some((it) => it.status !== "failed")) expect(endpoint).toEqual(machine);
      },
    ),
    { numRuns: 1500 },
  );
});

function endpointsAtFirst(which: string) {
  if (which === "none") return [];
  const endpoint = aHostEndpointObject({ name, node: name, labels: { tier: "db" } });
  return [which === "of-the-node" ? withUid(endpoint, "machine-1") : withUid(endpoint, "machine-0")];
}

function withUid(object: ReturnType<typeof aHostEndpointObject>, uid: string) {
  const { metadata } = object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [NODE_UID_ANNOTATION]: uid } },
  };
}

function relabel(cluster: InMemoryCluster, to: string): void {
  const node = cluster.get("v1", "nodes", name);
  if (node !== undefined)
    cluster.put({ ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, tier: to } } });
}
