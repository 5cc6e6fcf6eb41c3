import { expect, test } from "@jest/globals";
import { adopt } from "../../../lib/adopt/adopt.ts";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../../../lib/names/names.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const settings = settingsSchema.parse({ endpoints: [{ name: "{node}-auto-hep" }] });
const signal = AbortSignal.timeout(10_000);
const auto = {
  name: "a-auto-hep",
  node: "a",
  owner: null,
  labels: { [CALICO_CREATED_BY_LABEL]: "calico-kube-controllers", role: "db" },
};
const yes = { names: ["a-auto-hep"], mode: "apply" } as const;

test.each([
  [CALICO_V1, "native"],
  [CALICO_V1, "annotation"],
  [CALICO_V3, "native"],
] as const)(
  "takes over from %s with labels in the %s home, and touches nothing else",
  async (group, labelHome) => {
    const cluster = createInMemoryCluster({
      calicoGroups: [group],
      objects: [
        aNodeObject({ name: "a" }),
        aHostEndpointObject({ ...auto, group, labelHome, finalizers: ["example.com/keep"] }),
      ],
    });
    const [before] = await cluster.gateway.listHostEndpoints(group, signal);
    const report = await adopt(yes, { settings, cluster: cluster.gateway }, signal);
    const [after] = await cluster.gateway.listHostEndpoints(group, signal);
    expect(report).toMatchObject({
      status: "converged",
      findings: [],
      actions: [{ outcome: "applied", reason: "calico-auto" }],
    });
    expect(after?.labels).toEqual({ role: "db", [OWNER_LABEL]: settings.id });
    expect(after).toMatchObject({
      uid: before?.uid,
      node: "a",
      profiles: before?.profiles,
      expectedIPs: before?.expectedIPs,
    });
    expect(after?.raw.metadata.finalizers).toEqual(["example.com/keep"]);
  },
);

test("a change in between is read again, and not written over", async () => {
  let interfered = false;
  const cluster = createInMemoryCluster({
    objects: [aNodeObject({ name: "a" }), aHostEndpointObject(auto)],
    beforeCall: (call) => {
      if (call.verb !== "update" || interfered) return;
      interfered = true;
      cluster.put(aHostEndpointObject({ ...auto, labels: { ...auto.labels, role: "web" } }));
    },
  });
  const report = await adopt(yes, { settings, cluster: cluster.gateway }, signal);
  expect(report.actions[0]?.outcome).toBe("applied");
  expect((await cluster.gateway.getHostEndpoint(CALICO_V1, "a-auto-hep", signal))?.labels["role"]).toBe(
    "web",
  );
});

test.each<[string, object, object, string]>([
  ["a name that no template gives", { name: "other" }, { endpoints: [{}] }, "not-wanted"],
  ["a node that does not exist", { node: "gone" }, {}, "not-wanted"],
  ["another installation's", { owner: "somebody" }, {}, "other-installation"],
])("%s is adopted with a warning of what comes next", async (_what, sketch, more, code) => {
  const cluster = createInMemoryCluster({
    objects: [
      aNodeObject({ name: "a" }),
      aHostEndpointObject({ ...auto, name: "a-auto-hep", labels: {}, ...sketch }),
    ],
  });
  const names = ["name" in sketch ? "other" : "a-auto-hep"];
  const its = settingsSchema.parse({ endpoints: [{ name: "{node}-auto-hep" }], ...more });
  const report = await adopt({ names, mode: "apply" }, { settings: its, cluster: cluster.gateway }, signal);
  expect(report.findings.map((it) => it.code)).toEqual([code]);
  expect(report.actions[0]?.outcome).toBe("applied");
});

test("plan, observe and a locked datastore write nothing", async () => {
  const locked = {
    apiVersion: CALICO_V1,
    kind: "ClusterInformation",
    metadata: { name: "default" },
    spec: { datastoreReady: false },
  };
  const observe = settingsSchema.parse({ stage: "observe" });
  for (const [request, its, objects, outcome] of [
    [{ ...yes, mode: "plan" }, settings, [], "planned"],
    [yes, observe, [], "withheld"],
    [yes, settings, [locked], "withheld"],
  ] as const) {
    const cluster = createInMemoryCluster({
      objects: [aNodeObject({ name: "a" }), aHostEndpointObject(auto), ...objects],
    });
    const report = await adopt(request, { settings: its, cluster: cluster.gateway }, signal);
    expect(report.actions.map((it) => it.outcome)).toEqual([outcome]);
    expect(cluster.calls.filter((it) => it.verb === "update")).toEqual([]);
  }
});

test("one that is missing and one that is denied do not stop the others", async () => {
  const cluster = createInMemoryCluster({ objects: [aNodeObject({ name: "a" }), aHostEndpointObject(auto)] });
  const both = await adopt(
    { names: ["missing", "a-auto-hep"], mode: "apply" },
    { settings, cluster: cluster.gateway },
    signal,
  );
  expect(both).toMatchObject({ status: "partial", counts: { failed: 1, update: 1 } });
  const none = await adopt(
    { names: ["missing"], mode: "apply" },
    { settings, cluster: cluster.gateway },
    signal,
  );
  expect(none.status).toBe("failed");
});
