import { expect, test } from "@jest/globals";
import { rememberClusterState } from "../../../lib/kubernetes/remember-cluster-state.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const signal = new AbortController().signal;
const information = { groupVersion: CALICO_V1, resource: "clusterinformations" };
const policies = { groupVersion: CALICO_V1, resource: "globalnetworkpolicies" };

function remembered() {
  let now = 0;
  const cluster = createInMemoryCluster();
  const gateway = rememberClusterState(cluster.gateway, { now: () => now, sleep: async () => {} }, 30_000);
  return { cluster, gateway, wait: (milliseconds: number) => (now += milliseconds) };
}

test("asks about the cluster once in its life, and again after it", async () => {
  const { cluster, gateway, wait } = remembered();
  for (let round = 0; round < 3; round++) {
    await gateway.listApiGroups(signal);
    await gateway.getObject(information, "default", signal);
  }
  expect(cluster.calls).toHaveLength(2);
  wait(30_000);
  await gateway.getObject(information, "default", signal);
  expect(cluster.calls).toHaveLength(3);
});

test("nodes, endpoints and policies are read anew each time", async () => {
  const { cluster, gateway } = remembered();
  for (let round = 0; round < 2; round++) {
    await gateway.getNode("a", signal);
    await gateway.getHostEndpoint(CALICO_V1, "a", signal);
    await gateway.listObjects(policies, signal);
  }
  expect(cluster.calls).toHaveLength(6);
});

test("a failure is not remembered", async () => {
  const { cluster, gateway } = remembered();
  cluster.fail({ verb: "get", resource: "/apis", as: "server-error", times: 1 });
  await expect(gateway.listApiGroups(signal)).rejects.toThrow("500");
  await expect(gateway.listApiGroups(signal)).resolves.toContain("crd.projectcalico.org");
});
