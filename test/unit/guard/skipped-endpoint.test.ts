import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { adopt } from "../../../lib/adopt/adopt.ts";
import { explainNode } from "../../../lib/explain/explain.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import {
  aFelixConfiguration,
  aGlobalNetworkPolicy,
  aGuardRequest,
  aSnapshot,
  aTier,
  someSettings,
} from "../../builders/a-guard-request.ts";
import { aHostEndpointObject, type HostEndpointSketch } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { lawRuns } from "../law-runs.ts";

const BROKEN = ["{bad", '{"labels":{"a":1}}', '{"Name":7}', "[]", ""] as const;

/** Somebody else's endpoint for node-1, which denies everything as far as one can see. */
function ghost(text: string, more: HostEndpointSketch = {}): HostEndpointSketch {
  const annotations = { [CALICO_METADATA_ANNOTATION]: text };
  return { name: "a-ghost", node: "node-1", owner: null, labels: {}, profiles: [], ...more, annotations };
}

const signal = AbortSignal.timeout(30_000);
const clock = { now: () => Date.parse("2026-11-22T12:00:00Z"), sleep: () => Promise.resolve() };
const plan = (objects: readonly KubernetesObject[], settings = someSettings()) => {
  const cluster = createInMemoryCluster({ objects });
  const triggers = [{ kind: "resync", source: "manual" }] as const;
  return reconcile({ triggers, mode: "apply" }, { settings, cluster: cluster.gateway, clock }, signal).then(
    ({ report }) => ({ report, cluster }),
  );
};

describe.each(BROKEN)("an endpoint of somebody else that Calico skips (%s)", (text) => {
  test("makes no default deny of ours look harmless", () => {
    const guarded = guardPlan(aGuardRequest({ nodes: ["node-1"], existing: [ghost(text)], profiles: [] }));
    expect(guarded.allowed).toEqual([]);
    expect(guarded.withheld.map((it) => it.violation.reason)).toEqual(["essential-flow-cut"]);
  });

  test("is told, and beats nobody", () => {
    const { findings } = guardPlan(aGuardRequest({ nodes: ["node-1"], existing: [ghost(text)] }));
    expect(findings).toMatchObject([
      { severity: "warning", code: "skipped-endpoint", object: "HostEndpoint/a-ghost" },
    ]);
  });

  test("holds its name: nothing is written over it, its node is not protected, and the fix says so", async () => {
    const settings = someSettings();
    const taken = aHostEndpointObject(ghost(text, { name: "node-1" }));
    const { report, cluster } = await plan([aNodeObject({ name: "node-1" }), taken], settings);
    expect(report).toMatchObject({
      counts: { protected: 0, unprotected: 1, foreign: 1, create: 0, update: 0, delete: 0 },
      nodes: [{ status: "withheld", reason: "foreign-host-endpoint" }],
      findings: [{ severity: "error", code: "skipped-endpoint", object: "HostEndpoint/node-1" }],
    });
    expect(report.findings[0]?.fix).toContain("kubectl delete hostendpoint node-1");
    expect(cluster.calls.filter((it) => ["create", "update", "delete"].includes(it.verb))).toEqual([]);
    expect(cluster.get(CALICO_V1, "hostendpoints", "node-1")?.metadata.annotations).toEqual(
      taken.metadata.annotations,
    );
  });

  test("is explained as one that does nothing", () => {
    const snapshot = aSnapshot({ nodes: ["node-1"], existing: [ghost(text)] });
    const [node] = snapshot.nodes;
    if (node === undefined) throw new Error("there is a node");
    const told = explainNode({ ...snapshot, node }, someSettings());
    expect(told.hostEndpoints[0]).toMatchObject({ name: "a-ghost", effective: false, state: "foreign" });
    expect(told.flows.filter((it) => it.verdict !== "allow")).toEqual([]);
    expect(told.findings.map((it) => it.code)).toEqual(["skipped-endpoint"]);
  });

  test("is not taken over: it would come into force unproven", async () => {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "node-1" }), aHostEndpointObject(ghost(text))],
    });
    const report = await adopt(
      { names: ["a-ghost"], mode: "apply" },
      { settings: someSettings(), cluster: cluster.gateway },
      signal,
    );
    expect(report).toMatchObject({
      status: "withheld",
      actions: [{ outcome: "withheld", reason: "skipped-endpoint" }],
    });
    expect(cluster.calls.some((it) => it.verb === "update")).toBe(false);
  });
});

test("other objects that Calico skips have no effect, and are told once each", () => {
  const broken = (object: KubernetesObject): KubernetesObject => ({
    ...object,
    metadata: { ...object.metadata, annotations: { [CALICO_METADATA_ANNOTATION]: "{bad" } },
  });
  const guarded = guardPlan(
    aGuardRequest({
      nodes: ["node-1"],
      policies: [
        broken(aGlobalNetworkPolicy("deny-all", { selector: "all()", types: ["Ingress", "Egress"] })),
      ],
      tiers: [broken(aTier("t", { order: 1 }))],
      felix: [broken(aFelixConfiguration({ failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] }))],
    }),
  );
  expect(guarded.withheld).toEqual([]);
  expect(guarded.findings.map((it) => `${it.code} ${it.object}`)).toEqual([
    "skipped-object FelixConfiguration/default",
    "skipped-object GlobalNetworkPolicy/deny-all",
    "skipped-object Tier/t",
  ]);
});

test("law: with a ghost beside it, every plan is judged as without", () => {
  const sketch = fc.record({
    text: fc.constantFrom(...BROKEN),
    interfaceName: fc.constantFrom("*", "eth0", ""),
    profiles: fc.constantFrom<readonly string[]>([], ["projectcalico-default-allow"]),
    name: fc.constantFrom("a", "z", "node-1-auto-hep"),
    ours: fc.constantFrom<readonly string[]>([], ["projectcalico-default-allow"]),
    selector: fc.constantFrom("all()", "!all()"),
  });
  fc.assert(
    fc.property(sketch, ({ text, ours, selector, ...more }) => {
      const judge = (existing: readonly HostEndpointSketch[]) => {
        const policies = [aGlobalNetworkPolicy("p", { selector, types: ["Egress"] })];
        const guarded = guardPlan(aGuardRequest({ nodes: ["node-1"], existing, policies, profiles: ours }));
        return {
          allowed: guarded.allowed,
          withheld: guarded.withheld,
          findings: guarded.findings.filter((it) => it.code !== "skipped-endpoint"),
        };
      };
      expect(judge([ghost(text, more)])).toEqual(judge([]));
    }),
    { numRuns: lawRuns() },
  );
});
