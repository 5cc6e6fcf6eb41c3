/** Break-glass: traffic first, then the endpoints; whoever writes in between, and whatever is not ours. */
import { expect, test } from "@jest/globals";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { exitCodeOf } from "../../../functions/cli/exit-codes.ts";
import { release } from "../../../lib/release/release.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const never = new AbortController().signal;
const clock = { now: () => 0, sleep: () => Promise.resolve() };
const settings = settingsSchema.parse({});

const run = (cluster: InMemoryCluster, nodes: readonly string[] = [], mode: "apply" | "plan" = "apply") =>
  release({ nodes, mode }, { settings, cluster: cluster.gateway, clock }, never);
const names = (cluster: InMemoryCluster) =>
  cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name);
const denying = (name: string) => aHostEndpointObject({ name, profiles: [] });

test("an endpoint carries the allow profile before it is removed", async () => {
  const profilesAtDeletion: unknown[] = [];
  const cluster = createInMemoryCluster({
    objects: [aNodeObject({ name: "a" }), denying("a"), aHostEndpointObject({ name: "b" })],
    beforeCall: ({ verb, name = "" }) => {
      if (verb === "delete")
        profilesAtDeletion.push(cluster.get(CALICO_V1, "hostendpoints", name)?.spec?.["profiles"]);
    },
  });
  expect(await run(cluster)).toMatchObject({ status: "converged", counts: { delete: 2 } });
  expect(names(cluster)).toEqual([]);
  expect(profilesAtDeletion).toEqual([["projectcalico-default-allow"], ["projectcalico-default-allow"]]);
});

test("foreign endpoints and other nodes stay; a plan writes nothing", async () => {
  const cluster = createInMemoryCluster({
    objects: [denying("a"), denying("b"), aHostEndpointObject({ name: "c", owner: null, profiles: [] })],
  });
  expect(await run(cluster, [], "plan")).toMatchObject({ counts: { delete: 2 } });
  expect(names(cluster)).toEqual(["a", "b", "c"]);
  await run(cluster, ["a"]);
  expect(names(cluster)).toEqual(["b", "c"]);
});

test("whoever writes in between, the allow profile still comes first", async () => {
  let interruptions = 2;
  const cluster = createInMemoryCluster({
    objects: [aNodeObject({ name: "a" }), denying("a")],
    beforeCall: ({ verb }) => {
      if (verb === "update" && interruptions-- > 0)
        cluster.put(
          aHostEndpointObject({ name: "a", profiles: [], labels: { round: String(interruptions) } }),
        );
    },
  });
  expect(await run(cluster)).toMatchObject({ status: "converged" });
  expect(names(cluster)).toEqual([]);
});

test("what cannot be made to allow is kept, and said", async () => {
  const cluster = createInMemoryCluster({
    objects: [aNodeObject({ name: "a" }), denying("a"), denying("b")],
  });
  cluster.fail({ verb: "update", resource: "hostendpoints", name: "a", as: "forbidden" });
  expect(await run(cluster)).toMatchObject({
    status: "partial",
    actions: [
      { hostEndpoint: "a", outcome: "failed", reason: "denied" },
      { hostEndpoint: "b", outcome: "applied" },
    ],
  });
  expect(names(cluster)).toEqual(["a"]);
});

test("a finalizer keeps an endpoint in force: it is named, nothing of it is removed, and the release is not done", async () => {
  const cluster = createInMemoryCluster({
    objects: [aHostEndpointObject({ name: "a", finalizers: ["example.com/hold"] })],
  });
  const report = await run(cluster);
  expect(report).toMatchObject({
    status: "partial",
    counts: { delete: 0, failed: 1 },
    actions: [
      { outcome: "failed", reason: "held-by-finalizer", detail: expect.stringContaining("example.com/hold") },
    ],
  });
  expect(exitCodeOf(report)).toBe(3);
  expect(cluster.get(CALICO_V1, "hostendpoints", "a")?.metadata.finalizers).toEqual(["example.com/hold"]);
});

test("what a run puts back behind its back goes as well, and whoever goes on for ever is not called done", async () => {
  let writes = 3;
  const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "a" })] });
  const again = {
    now: () => 0,
    sleep: () => {
      if (writes-- > 0) cluster.put(denying("a"));
      return Promise.resolve();
    },
  };
  const go = () => release({ mode: "apply" }, { settings, cluster: cluster.gateway, clock: again }, never);
  expect(await go()).toMatchObject({ status: "converged" });
  expect(names(cluster)).toEqual([]);
});

test("what comes back each time is not called done", async () => {
  const cluster = createInMemoryCluster({
    objects: [aHostEndpointObject({ name: "a" })],
    beforeCall: ({ verb }) => {
      if (verb === "list") cluster.put(aHostEndpointObject({ name: "a" }));
    },
  });
  const report = await run(cluster);
  expect(report).toMatchObject({ status: "failed", actions: [{ reason: "not-as-written" }] });
  expect(exitCodeOf(report)).not.toBe(0);
});

test("a release whose last look fails says that nobody has looked", async () => {
  const cluster = createInMemoryCluster({ objects: [aHostEndpointObject({ name: "a" })] });
  const broken = {
    now: () => 0,
    sleep: () => {
      cluster.fail({ verb: "list", resource: "hostendpoints", as: "server-error" });
      return Promise.resolve();
    },
  };
  const report = await release(
    { mode: "apply" },
    { settings, cluster: cluster.gateway, clock: broken },
    never,
  );
  expect(report).toMatchObject({ status: "partial", counts: { delete: 1 } });
  expect(report.findings).toMatchObject([{ severity: "error", code: "release-unverified" }]);
});
