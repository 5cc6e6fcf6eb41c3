/** A stopped rollout stays stopped: nothing is removed before the mark that says so is written, or seen. */
import { expect, test } from "@jest/globals";
import { applyGuarded } from "../../../lib/apply/apply-guarded.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { HALT_INTERFACE, HALT_NODE, haltName } from "../../../lib/names/names.ts";
import { allowingUpdate, removalOf } from "../../../lib/plan/give-back.ts";
import type { CreateAction } from "../../../lib/model/plan.ts";
import { letThrough } from "../../../lib/plan/let-through.ts";
import { aDesiredHostEndpoint, aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import type { Fault } from "../../fakes/cluster-faults.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const owner = "hostendpoint-reconciler";
const HALT = haltName(owner);
const never = new AbortController().signal;
const halt = {
  ...aDesiredHostEndpoint({ name: HALT, labels: {} }),
  node: HALT_NODE,
  interfaceName: HALT_INTERFACE,
  expectedIPs: [],
  annotations: {},
};

async function stop(prepare: (cluster: ReturnType<typeof createInMemoryCluster>) => void) {
  const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "sick", profiles: [] })] });
  const [sick] = await cluster.gateway.listHostEndpoints(CALICO_V1, never);
  if (sick === undefined) throw new Error("no endpoint");
  prepare(cluster);
  const outcomes = await applyGuarded(
    {
      allowed: [
        ...allowingUpdate(sick),
        letThrough<CreateAction>({ kind: "create", name: HALT, node: HALT_NODE, desired: halt }),
      ],
      afterwards: [removalOf(sick)],
    },
    { group: CALICO_V1, owner, concurrency: 2, wantedBy: () => [] },
    cluster.gateway,
    never,
  );
  return { outcomes, names: cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name) };
}

test("the mark is written, the canary goes", async () => {
  expect((await stop(() => {})).names).toEqual([HALT]);
});

test.each<[string, Fault]>([
  ["409", { verb: "create", resource: "hostendpoints", name: HALT, as: "conflict", times: 1 }],
  ["404", { verb: "create", resource: "hostendpoints", name: HALT, as: "not-found", times: 1 }],
])("its POST meets %s once: it is written all the same", async (_status, fault) => {
  const { names } = await stop((cluster) => cluster.fail(fault));
  expect(names).toEqual([HALT]);
});

test.each<[string, Fault]>([
  ["409 for ever", { verb: "create", resource: "hostendpoints", name: HALT, as: "conflict" }],
  ["404 for ever", { verb: "create", resource: "hostendpoints", name: HALT, as: "not-found" }],
  ["403", { verb: "create", resource: "hostendpoints", name: HALT, as: "forbidden" }],
])("its POST meets %s: the canary keeps its endpoint, which allows everything", async (_status, fault) => {
  const { names, outcomes } = await stop((cluster) => cluster.fail(fault));
  expect(names).toEqual(["sick"]);
  expect(outcomes).toContainEqual(expect.objectContaining({ outcome: "failed" }));
});

test("another run wrote the mark: it was seen, the canary goes", async () => {
  const { names } = await stop((cluster) =>
    cluster.put(
      aHostEndpointObject({
        name: HALT,
        node: HALT_NODE,
        interfaceName: HALT_INTERFACE,
        expectedIPs: [],
        labels: {},
      }),
    ),
  );
  expect(names).toEqual([HALT]);
});

test("a mark that is being deleted stops nothing: the canary keeps its endpoint", async () => {
  const { names } = await stop((cluster) =>
    cluster.put(
      aHostEndpointObject({
        name: HALT,
        node: HALT_NODE,
        labels: {},
        deleting: true,
        finalizers: ["example.com/x"],
      }),
    ),
  );
  expect(names).toEqual([HALT, "sick"]);
});
