/** Row m of the guard's holes: what the proof rests on changes between the snapshot and the last write. */
import { describe, expect, test } from "@jest/globals";
import type { Settings } from "../../../lib/config/settings.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import {
  aCalicoNode,
  aFelixConfiguration,
  aGlobalNetworkPolicy,
  someSettings,
  aTier,
} from "../../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import type { Call } from "../../fakes/cluster-faults.ts";

const signal = new AbortController().signal;
const clock = { now: () => Date.parse("2026-11-24T00:00:00Z"), sleep: () => Promise.resolve() };

const nodes = ["a", "b", "c"].map((name, index) =>
  aNodeObject({ name, addresses: [{ type: "InternalIP", address: `10.0.0.${index + 1}` }] }),
);
const shut = aGlobalNetworkPolicy("shut", { order: 1, selector: "all()", types: ["Ingress", "Egress"] });
const harmless = aGlobalNetworkPolicy("harmless", {
  order: 1,
  selector: "all()",
  types: ["Ingress"],
  ingress: [{ action: "Allow" }],
});

type Meanwhile = (cluster: InMemoryCluster) => void;

/** A cluster in which something happens right after the first write of a run. */
function clusterWhere(objects: readonly KubernetesObject[], meanwhile: Meanwhile): InMemoryCluster {
  let happened = false;
  const isWrite = ({ verb }: Call) => verb === "create" || verb === "update" || verb === "delete";
  const cluster: InMemoryCluster = createInMemoryCluster({
    objects,
    beforeCall: (call) => {
      if (happened || !isWrite(call)) return;
      happened = true;
      meanwhile(cluster);
    },
  });
  return cluster;
}

function run(cluster: InMemoryCluster, settings: Settings = someSettings()) {
  return reconcile(
    { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
    { settings, cluster: cluster.gateway, clock },
    signal,
  );
}
const names = (cluster: InMemoryCluster) =>
  cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name);
const looks = (cluster: InMemoryCluster) =>
  cluster.calls.filter((it) => it.verb === "list" && it.resource === "tiers").length;

describe("something moved while it was written", () => {
  test("a policy that shuts the nodes: their traffic is given back first, and it is said", async () => {
    const cluster = clusterWhere(nodes, (it) => void it.put(shut));
    const { report } = await run(cluster);
    expect(names(cluster)).toEqual([]);
    expect(report.status).toBe("withheld");
    expect(report.counts).toMatchObject({ protected: 0, unprotected: 3, create: 0, withheld: 3 });
    expect(report.actions.map((it) => [it.action, it.outcome, it.reason])).toEqual(
      nodes.map(() => ["create", "withheld", "changed-meanwhile"]),
    );
    expect(report.actions[0]?.detail).toMatch(
      /^GlobalNetworkPolicy\/shut is new while it was written, so that api-server: .* it was taken back\. Fix: /,
    );
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        severity: "error",
        code: "changed-meanwhile",
        object: "GlobalNetworkPolicy/shut",
      }),
    );
    // The allow profile was there before the endpoint went.
    const writes = cluster.calls.filter((it) => ["create", "update", "delete"].includes(it.verb));
    expect(writes.filter((it) => it.name === "a").map((it) => it.verb)).toEqual(["create", "delete"]);
    // What is proven against now is the world with the policy: the next run holds all of it back.
    const next = await run(cluster);
    expect(next.report.actions.map((it) => it.reason)).toEqual(nodes.map(() => "essential-flow-cut"));
  });

  test("endpoints without the allow profile get it before they go", async () => {
    const open = aGlobalNetworkPolicy("open", {
      order: 2,
      selector: "all()",
      types: ["Ingress", "Egress"],
      applyOnForward: true,
      ingress: [{ action: "Allow" }],
      egress: [{ action: "Allow" }],
    });
    const cluster = clusterWhere([...nodes, open], (it) =>
      it.remove(CALICO_V1, "globalnetworkpolicies", "open"),
    );
    const settings = someSettings({ endpoints: [{ profiles: [] }] });
    const { report } = await run(cluster, settings);
    expect(report.actions.map((it) => it.reason)).toEqual(nodes.map(() => "changed-meanwhile"));
    expect(names(cluster)).toEqual([]);
    const writes = cluster.calls.filter((it) => ["create", "update", "delete"].includes(it.verb));
    const own = writes.filter((it) => it.name === "a").map((it) => it.verb);
    expect([...new Set(own)]).toEqual(["create", "update", "delete"]);
  });

  test("an update that is cut becomes what it was", async () => {
    const [node] = nodes;
    const before = aHostEndpointObject({
      name: "a",
      expectedIPs: ["10.0.0.1"],
      labels: { zone: "old" },
      profiles: ["projectcalico-default-allow"],
    });
    const labelled = aNodeObject({
      name: "a",
      labels: { zone: "new" },
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    });
    const shutNew = aGlobalNetworkPolicy("shut-new", {
      order: 1,
      selector: "zone == 'new'",
      types: ["Ingress", "Egress"],
    });
    expect(node?.metadata.name).toBe("a");
    const cluster = clusterWhere([labelled, before], (it) => void it.put(shutNew));
    const { report } = await run(cluster);
    expect(report.actions).toMatchObject([
      { action: "update", hostEndpoint: "a", outcome: "withheld", reason: "changed-meanwhile" },
    ]);
    expect(cluster.get(CALICO_V1, "hostendpoints", "a")?.metadata.labels?.["zone"]).toBe("old");
    expect(report.counts).toMatchObject({ protected: 1, withheld: 1, update: 0 });
  });

  const moves: readonly (readonly [string, readonly KubernetesObject[], Meanwhile])[] = [
    [
      "a tier that denies at its end",
      [
        aTier("early", { order: 1, defaultAction: "Pass" }),
        aGlobalNetworkPolicy("early.some", {
          tier: "early",
          selector: "all()",
          types: ["Ingress", "Egress"],
        }),
      ],
      (it) => void it.put(aTier("early", { order: 1, defaultAction: "Deny" })),
    ],
    [
      "failsafes that are taken away under a policy that denies",
      [
        aGlobalNetworkPolicy("most", {
          selector: "all()",
          types: ["Ingress", "Egress"],
          ingress: [{ action: "Allow" }],
          egress: [{ action: "Deny", protocol: "UDP", destination: { ports: [67] } }, { action: "Allow" }],
        }),
      ],
      (it) =>
        void it.put(aFelixConfiguration({ failsafeOutboundHostPorts: [], failsafeInboundHostPorts: [] })),
    ],
    [
      "an agent whose variables change",
      [
        aCalicoNode([]),
        aGlobalNetworkPolicy("most", {
          selector: "all()",
          types: ["Egress"],
          egress: [{ action: "Deny", protocol: "UDP", destination: { ports: [67] } }, { action: "Allow" }],
        }),
      ],
      (it) => void it.put(aCalicoNode([{ name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS", value: "none" }])),
    ],
  ];
  test.each(moves)("%s", async (_name, objects, meanwhile) => {
    const cluster = clusterWhere([...nodes, ...objects], meanwhile);
    const { report } = await run(cluster);
    expect([...new Set(report.actions.map((it) => it.reason))]).toEqual(["changed-meanwhile"]);
    expect(names(cluster)).toEqual([]);
  });

  test("an endpoint of somebody else, by whose address a policy denies", async () => {
    const banned = aGlobalNetworkPolicy("banned", {
      order: 1,
      selector: "all()",
      types: ["Egress"],
      egress: [{ action: "Deny", destination: { selector: "role == 'banned'" } }, { action: "Allow" }],
    });
    const stranger = aHostEndpointObject({
      name: "stranger",
      node: "elsewhere",
      owner: null,
      labels: { role: "banned" },
      expectedIPs: ["169.254.169.254"],
    });
    const cluster = clusterWhere([...nodes, banned], (it) => void it.put(stranger));
    const { report } = await run(cluster);
    expect(report.actions.map((it) => it.reason)).toEqual(nodes.map(() => "changed-meanwhile"));
    expect(names(cluster)).toEqual(["stranger"]);
  });

  test("what cuts nobody takes nothing back", async () => {
    const cluster = clusterWhere(nodes, (it) => void it.put(harmless));
    const { report } = await run(cluster);
    expect(report).toMatchObject({ status: "converged", counts: { protected: 3, create: 3 } });
    expect(names(cluster)).toEqual(["a", "b", "c"]);
  });
});

describe("the look itself", () => {
  test("a run that writes nothing looks at nothing, and one that writes looks once", async () => {
    const cluster = createInMemoryCluster({ objects: nodes });
    await run(cluster);
    expect(looks(cluster)).toBe(2);
    const before = looks(cluster);
    await run(cluster);
    expect(looks(cluster)).toBe(before + 1);
  });

  test("one that fails does not fail the run: what was written was proven", async () => {
    const cluster = clusterWhere(nodes, (it) => {
      it.put(shut);
      it.fail({ verb: "list", resource: "tiers", as: "server-error" });
    });
    const { report } = await run(cluster);
    expect(report.counts).toMatchObject({ create: 3, protected: 3 });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: "not-looked-again" }));
  });

  test("what cannot be taken back is a failure that says so", async () => {
    const cluster = clusterWhere(nodes, (it) => {
      it.put(shut);
      it.fail({ verb: "delete", resource: "hostendpoints", name: "b", as: "server-error" });
    });
    const { report } = await run(cluster);
    expect(names(cluster)).toEqual(["b"]);
    const failed = report.actions.filter((it) => it.outcome === "failed");
    expect(failed.map((it) => it.hostEndpoint)).toEqual(["b"]);
    expect(failed[0]?.detail).toContain("it could not be taken back");
  });
});
