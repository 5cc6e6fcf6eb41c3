/** Status says what is: what is denied, being deleted, or not as written is never called converged or protected. */
import { expect, test } from "@jest/globals";
import { exitCodeOf } from "../../../functions/cli/exit-codes.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { metricsOf } from "../../../lib/observability/metrics-of.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { aGlobalNetworkPolicy, someSettings } from "../../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const RESYNC: Trigger = { kind: "resync", source: "schedule" };
const clock = { now: () => Date.parse("2026-11-22T00:00:00Z"), sleep: () => Promise.resolve() };
const DENY_EGRESS = aGlobalNetworkPolicy("deny-egress", {
  selector: "all()",
  types: ["Egress"],
  egress: [{ action: "Deny" }],
});

async function run(
  cluster: InMemoryCluster,
  settings: Readonly<Record<string, unknown>> = {},
  mode: "apply" | "plan" = "apply",
) {
  const ports = { settings: someSettings(settings), cluster: cluster.gateway, clock };
  return (await reconcile({ triggers: [RESYNC], mode }, ports, AbortSignal.timeout(60_000))).report;
}
const measured = (report: Awaited<ReturnType<typeof run>>) =>
  metricsOf({ report, whole: true, nodes: [], apiRequests: 0, milliseconds: 0, endedAt: 0 });
const both = (name: string, sketch: object = {}): KubernetesObject[] => [
  aNodeObject({ name }),
  aHostEndpointObject({ name, ...sketch }),
];

test.each(["apply", "plan"] as const)(
  "endpoints that deny what their nodes need: %s is withheld, exit code 3, nobody is protected, and it is measured",
  async (mode) => {
    const cluster = createInMemoryCluster({ objects: [...both("node-1"), ...both("node-2"), DENY_EGRESS] });
    const report = await run(cluster, {}, mode);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ severity: "error", code: "essential-flow-denied" }),
    );
    expect(report).toMatchObject({ status: "withheld", counts: { nodes: 2, protected: 0, unprotected: 2 } });
    expect(report.nodes).toMatchObject([
      { node: "node-1", status: "withheld", reason: "essential-flow-denied" },
      { node: "node-2", status: "withheld", reason: "essential-flow-denied" },
    ]);
    expect(report.nodes[0]?.detail).toContain("api-server");
    expect(exitCodeOf(report)).toBe(3);
    expect(measured(report).FlowsDenied).toBeGreaterThanOrEqual(2);
  },
);

test("a flow that is denied to one node leaves the others protected", async () => {
  const other = { labels: { other: "yes" } };
  const policy = aGlobalNetworkPolicy("deny-some", {
    selector: "has(other)",
    types: ["Egress"],
    egress: [{ action: "Deny" }],
  });
  const cluster = createInMemoryCluster({
    objects: [
      ...both("node-1"),
      aNodeObject({ name: "node-2", ...other }),
      aHostEndpointObject({ name: "node-2", ...other }),
      policy,
    ],
  });
  const report = await run(cluster);
  expect(report.counts).toMatchObject({ protected: 1, unprotected: 1 });
  expect(report.nodes.map((it) => it.status)).toEqual(["converged", "withheld"]);
});

test("a run that gives the traffic back says so at once: what was denied before is not repeated", async () => {
  const cluster = createInMemoryCluster({ objects: [...both("node-1", { profiles: [] })] });
  const report = await run(cluster);
  expect(report).toMatchObject({ status: "converged", counts: { update: 1, protected: 1, flowsDenied: 0 } });
  expect(report.findings.map((it) => it.code)).not.toContain("essential-flow-denied");
  expect(measured(report).FlowsDenied).toBe(0);
});

test("nothing denied: nothing measured, exit code 0", async () => {
  const report = await run(createInMemoryCluster({ objects: both("node-1") }));
  expect(report).toMatchObject({ status: "converged", counts: { protected: 1, flowsDenied: 0 } });
  expect([exitCodeOf(report), measured(report).FlowsDenied]).toEqual([0, 0]);
});

test("an endpoint that is being deleted protects nobody, and its finalizer is named", async () => {
  const cluster = createInMemoryCluster({
    objects: both("node-1", { deleting: true, finalizers: ["example.com/hold"] }),
  });
  const report = await run(cluster);
  expect(report).toMatchObject({
    status: "waiting",
    counts: { protected: 0, unprotected: 1, unchanged: 0 },
    actions: [],
    nodes: [{ status: "waiting", reason: "being-deleted" }],
  });
  expect(report.nodes[0]?.detail).toContain("example.com/hold");
  expect(report.findings).toMatchObject([{ code: "being-deleted", object: "HostEndpoint/node-1" }]);
});

test("what the API server stores otherwise than it was written is a failure, and no protection", async () => {
  const cluster = createInMemoryCluster({ objects: [aNodeObject({ name: "node-1" })] });
  const gateway: typeof cluster.gateway = {
    ...cluster.gateway,
    create: async (group, desired, signal) => {
      await cluster.gateway.create(group, desired, signal);
      return cluster.gateway.update(
        group,
        await must(cluster.gateway.getHostEndpoint(group, desired.name, signal)),
        { ...desired, profiles: [] },
        signal,
      );
    },
  };
  const report = await run({ ...cluster, gateway });
  expect(report).toMatchObject({
    status: "failed",
    counts: { create: 0, failed: 1, protected: 0 },
    actions: [
      { outcome: "failed", reason: "not-as-written", detail: expect.stringContaining("spec.profiles") },
    ],
  });
});

test("a creation that met somebody else's write counts as protection only when the endpoint was seen", async () => {
  let isFirst = true;
  const cluster = createInMemoryCluster({
    objects: [aNodeObject({ name: "node-1" })],
    beforeCall: ({ verb }) => {
      if (verb !== "create" || !isFirst) return;
      isFirst = false;
      cluster.put(aHostEndpointObject({ name: "node-1", deleting: true, finalizers: ["example.com/hold"] }));
    },
  });
  expect((await run(cluster)).counts).toMatchObject({ protected: 0, unprotected: 1 });
});

test("a Node that goes while its endpoint is made is not counted as protected", async () => {
  const cluster = createInMemoryCluster({
    objects: [aNodeObject({ name: "node-1" })],
    beforeCall: ({ verb }) => {
      if (verb === "create") cluster.remove("v1", "nodes", "node-1");
    },
  });
  cluster.fail({ verb: "create", resource: "hostendpoints", as: "conflict", times: 1 });
  const report = await run(cluster);
  expect(report.actions).toMatchObject([{ outcome: "no-longer-needed" }]);
  expect(report.counts).toMatchObject({ protected: 0, unprotected: 1 });
  expect(cluster.list(CALICO_V1, "hostendpoints")).toEqual([]);
});

async function must<T>(value: Promise<T | undefined>): Promise<T> {
  const found = await value;
  if (found === undefined) throw new Error("expected an object, got nothing");
  return found;
}
