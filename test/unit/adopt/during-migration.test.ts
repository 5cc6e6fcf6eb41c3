/** A move that meets Calico's own: it pauses in every phase, and goes on with the endpoints that the migration carried over. */
import { expect, test } from "@jest/globals";
import { adopt } from "../../../lib/adopt/adopt.ts";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../../../lib/names/names.ts";
import { readClusterState } from "../../../lib/snapshot/read-cluster-state.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const settings = settingsSchema.parse({ endpoints: [{ name: "{node}-auto-hep" }] });
const signal = AbortSignal.timeout(60_000);
const endpoint = (group: CalicoGroup, node: string) =>
  aHostEndpointObject({
    group,
    name: `${node}-auto-hep`,
    node,
    owner: null,
    labels: { [CALICO_CREATED_BY_LABEL]: "calico-kube-controllers" },
  });
const migration = (phase: string): KubernetesObject => ({
  apiVersion: "migration.projectcalico.org/v1beta1",
  kind: "DatastoreMigration",
  metadata: { name: "migration" },
  status: { phase },
});
const both = (objects: readonly KubernetesObject[]) =>
  createInMemoryCluster({ calicoGroups: [CALICO_V1, CALICO_V3], objects });
const move = (cluster: InMemoryCluster) =>
  adopt(
    { from: "auto", choice: { kind: "all" }, mode: "apply" },
    { settings, cluster: cluster.gateway },
    signal,
  );

test.each(["", "Pending", "Migrating", "WaitingForConflictResolution", "Converged", "SomethingNew"])(
  "in phase %j nothing is written, and afterwards it goes on without one made anew",
  async (phase) => {
    const nodes = ["a", "b"].map((name) => aNodeObject({ name }));
    const cluster = both([...nodes, endpoint(CALICO_V1, "a"), endpoint(CALICO_V1, "b"), migration(phase)]);
    const paused = await move(cluster);
    expect(paused.actions.map((it) => [it.outcome, it.reason])).toEqual([
      ["withheld", "migration-in-progress"],
      ["withheld", "migration-in-progress"],
    ]);
    expect(cluster.calls.filter((it) => it.verb !== "get" && it.verb !== "list")).toEqual([]);

    for (const name of ["a", "b"]) cluster.put(endpoint(CALICO_V3, name));
    cluster.put(migration("Complete"));
    const carried = (await cluster.gateway.listHostEndpoints(CALICO_V3, signal)).map((it) => it.uid);
    expect(await move(cluster)).toMatchObject({ status: "converged", group: CALICO_V3 });
    const after = await cluster.gateway.listHostEndpoints(CALICO_V3, signal);
    expect(after.map((it) => it.uid)).toEqual(carried);
    expect(after.map((it) => it.labels[OWNER_LABEL])).toEqual([settings.id, settings.id]);
    expect(cluster.calls.filter((it) => it.verb === "create" || it.verb === "delete")).toEqual([]);
  },
);

const agent = (name: string, value: string | undefined): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name, namespace: "calico-system" },
  spec: {
    template: {
      spec: {
        containers: [
          { name: "calico-node", env: value === undefined ? [] : [{ name: "CALICO_API_GROUP", value }] },
        ],
      },
    },
  },
});
const crdBacked: KubernetesObject = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: {
    name: "v3.projectcalico.org",
    labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" },
  },
  spec: {},
};

test.each<[string, readonly KubernetesObject[], string, boolean]>([
  ["v3, in whatever case", [agent("calico-node", "ProjectCalico.org/v3")], CALICO_V3, false],
  [
    "another word, which Calico takes for v1",
    [agent("calico-node", "crd.projectcalico.org/v1")],
    CALICO_V1,
    false,
  ],
  ["nothing", [agent("calico-node", undefined)], CALICO_V1, true],
  ["two things", [agent("one", "projectcalico.org/v3"), agent("two", undefined)], CALICO_V1, true],
  ["nobody", [], CALICO_V1, true],
])("both groups from CRDs, and calico-node was told %s", async (_what, agents, group, paused) => {
  const read = await readClusterState(both([crdBacked, ...agents]).gateway, signal);
  expect([read.group, read.state.paused?.reason]).toEqual([group, paused ? "group-unclear" : undefined]);
});
