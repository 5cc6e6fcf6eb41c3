/** What apply does when somebody else writes in between, when calls fail, and when time is up. */
import { describe, expect, test } from "@jest/globals";
import { applyPlan } from "../../../lib/apply/apply-plan.ts";
import type { ApplyRequest } from "../../../lib/apply/apply-request.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { letThrough } from "../../../lib/plan/let-through.ts";
import type { Action } from "../../../lib/model/plan.ts";
import type { Node } from "../../../lib/model/node.ts";
import { aDesiredHostEndpoint, aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const owner = "hostendpoint-reconciler";
const never = new AbortController().signal;

/** What the default settings want for a Node that `aNode` made. */
const wantedBy = (node: Node) => [aDesiredHostEndpoint({ name: node.name })];

function run(cluster: InMemoryCluster, actions: readonly Action[], signal: AbortSignal = never) {
  const request = {
    actions: actions.map((it) => letThrough(it)),
    group: CALICO_V1,
    owner,
    concurrency: 4,
    wantedBy,
  } as const;
  return applyPlan(request, cluster.gateway, signal);
}
const creation = (name: string): Action => ({
  kind: "create",
  name,
  node: name,
  desired: aDesiredHostEndpoint({ name }),
});
const names = (cluster: InMemoryCluster) =>
  cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name);

async function observe(cluster: InMemoryCluster, name: string) {
  const observed = await cluster.gateway.getHostEndpoint(CALICO_V1, name, never);
  if (observed === undefined) throw new Error(`no ${name}`);
  return observed;
}
async function deletion(cluster: InMemoryCluster, name: string): Promise<Action> {
  return { kind: "delete", name, node: name, observed: await observe(cluster, name), reason: "node-gone" };
}

test("one refused write never stops the others", async () => {
  const cluster = createInMemoryCluster();
  cluster.fail({ verb: "create", resource: "hostendpoints", name: "b", as: "invalid" });
  const outcomes = await run(cluster, ["a", "b", "c"].map(creation));
  expect(outcomes.map((it) => it.outcome)).toEqual(["applied", "failed", "applied"]);
  expect(names(cluster)).toEqual(["a", "c"]);
});

describe("another run was faster", () => {
  test("it made the same endpoint: nothing is left to do", async () => {
    const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "a" })] });
    expect(await run(cluster, [creation("a")])).toMatchObject([{ outcome: "no-longer-needed" }]);
  });

  test("it made it differently: ours is repaired", async () => {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "a" }), aHostEndpointObject({ name: "a", profiles: [] })],
    });
    expect(await run(cluster, [creation("a")])).toMatchObject([{ outcome: "applied" }]);
    expect((await observe(cluster, "a")).profiles).toEqual(["projectcalico-default-allow"]);
  });

  test("somebody else took the name: it is left alone, and said", async () => {
    const cluster = createInMemoryCluster({
      objects: [aHostEndpointObject({ name: "a", owner: null, profiles: [] })],
    });
    const [outcome] = await run(cluster, [creation("a")]);
    expect(outcome).toMatchObject({ outcome: "failed", cause: "conflict" });
    expect((await observe(cluster, "a")).profiles).toEqual([]);
  });

  test("it deleted what we wanted to update: it is created again", async () => {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "a" }), aHostEndpointObject({ name: "a", profiles: [] })],
    });
    const observed = await observe(cluster, "a");
    cluster.remove(CALICO_V1, "hostendpoints", "a");
    const update: Action = {
      kind: "update",
      name: "a",
      node: "a",
      desired: aDesiredHostEndpoint({ name: "a" }),
      observed,
      changes: [],
    };
    expect(await run(cluster, [update])).toMatchObject([{ outcome: "applied" }]);
    expect(names(cluster)).toEqual(["a"]);
  });
});

describe("the machine changed after it was read", () => {
  const creationForFormerMachine = (): Action => ({
    kind: "create",
    name: "a",
    node: "a",
    desired: aDesiredHostEndpoint({ name: "a", labels: { tier: "db" } }),
  });

  test("another run wrote for the new machine: nothing of the former one is written", async () => {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "a" }), aHostEndpointObject({ name: "a" })],
    });
    expect(await run(cluster, [creationForFormerMachine()])).toMatchObject([{ outcome: "no-longer-needed" }]);
    expect((await observe(cluster, "a")).labels["tier"]).toBeUndefined();
  });

  test("the endpoint is neither the former machine's nor the new one's: the next run decides, with its guard", async () => {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "a" }), aHostEndpointObject({ name: "a", profiles: [] })],
    });
    expect(await run(cluster, [creationForFormerMachine()])).toMatchObject([
      { outcome: "failed", cause: "conflict" },
    ]);
    expect((await observe(cluster, "a")).profiles).toEqual([]);
  });
});

describe("deletions are proven", () => {
  test("a machine that registers between the proof and the deletion gets the endpoint back", async () => {
    const cluster = createInMemoryCluster({
      objects: [aHostEndpointObject({ name: "a" })],
      beforeCall: (call) => {
        if (call.verb === "delete") cluster.put(aNodeObject({ name: "a" }));
      },
    });
    expect(await run(cluster, [await deletion(cluster, "a")])).toMatchObject([
      { outcome: "no-longer-needed" },
    ]);
    expect(names(cluster)).toEqual(["a"]);
  });

  test("a Node that is there after all keeps its endpoint", async () => {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "a" }), aHostEndpointObject({ name: "a" })],
    });
    expect(await run(cluster, [await deletion(cluster, "a")])).toMatchObject([
      { outcome: "no-longer-needed" },
    ]);
    expect(names(cluster)).toEqual(["a"]);
  });

  test("no answer about the Node is no proof", async () => {
    const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "a" })] });
    cluster.fail({ verb: "get", resource: "nodes", as: "server-error" });
    expect(await run(cluster, [await deletion(cluster, "a")])).toMatchObject([{ outcome: "failed" }]);
    expect(names(cluster)).toEqual(["a"]);
  });

  test("an endpoint that changed since is decided again", async () => {
    const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "a" })] });
    const action = await deletion(cluster, "a");
    cluster.put(aHostEndpointObject({ name: "a", owner: null }));
    expect(await run(cluster, [action])).toMatchObject([{ outcome: "no-longer-needed" }]);
    expect(names(cluster)).toEqual(["a"]);
  });
});

test("when time is up, what was not reached says so and nothing more is written", async () => {
  const cluster = createInMemoryCluster();
  const outcomes = await run(cluster, ["a", "b"].map(creation), AbortSignal.abort());
  expect(outcomes).toMatchObject([
    { outcome: "failed", cause: "out-of-time" },
    { outcome: "failed", cause: "out-of-time" },
  ]);
  expect(names(cluster)).toEqual([]);
});

describe("a deletion is believed when the endpoint is seen to be gone", () => {
  test("a finalizer that keeps it is named, left alone, and no success", async () => {
    const cluster = createInMemoryCluster({
      objects: [aHostEndpointObject({ name: "a", finalizers: ["example.com/hold"] })],
    });
    expect(await run(cluster, [await deletion(cluster, "a")])).toMatchObject([
      { outcome: "failed", cause: "held-by-finalizer", detail: expect.stringContaining("example.com/hold") },
    ]);
    expect((await observe(cluster, "a")).raw.metadata.finalizers).toEqual(["example.com/hold"]);
  });

  test("an API server that says yes and goes on serving it is not believed", async () => {
    const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "a" })] });
    const action = await deletion(cluster, "a");
    const gateway = { ...cluster.gateway, delete: () => Promise.resolve() };
    expect(await run({ ...cluster, gateway }, [action])).toMatchObject([
      { outcome: "failed", cause: "not-as-written" },
    ]);
  });
});

describe("another machine registers under the name while its predecessor's endpoint is deleted", () => {
  const machine = aNodeObject({ name: "a", uid: "uid-new", labels: { tier: "web" } });
  const wanted = aDesiredHostEndpoint({
    name: "a",
    labels: { tier: "web" },
    annotations: {},
  });
  const race = async (mayRestore?: () => boolean) => {
    const cluster = createInMemoryCluster({
      objects: [
        aHostEndpointObject({
          name: "a",
          labels: { tier: "db" },
          annotations: { "example.com/note": "keep" },
        }),
      ],
      beforeCall: ({ verb }) => {
        if (verb === "delete") cluster.put(machine);
      },
    });
    const request: ApplyRequest = {
      actions: [letThrough(await deletion(cluster, "a"))],
      group: CALICO_V1,
      owner,
      concurrency: 4,
      wantedBy: () => [wanted],
      ...(mayRestore === undefined ? {} : { mayRestore }),
    };
    const [outcome] = await applyPlan(request, cluster.gateway, never);
    expect(outcome).toMatchObject({ outcome: "no-longer-needed", served: { deleting: false } });
    return observe(cluster, "a");
  };

  test("it is put back with the labels of the machine that is there now", async () => {
    expect((await race(() => true)).labels).toMatchObject({ tier: "web" });
  });

  test("the guard has something against that: it is put back whole as it was", async () => {
    const back = await race(() => false);
    expect(back.labels).toMatchObject({ tier: "db" });
    expect(back.annotations).toMatchObject({ "example.com/note": "keep" });
  });
});
