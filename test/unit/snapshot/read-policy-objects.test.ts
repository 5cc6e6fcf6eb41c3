import { expect, test } from "@jest/globals";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { UnreachableError } from "../../../lib/model/errors.ts";
import { readPolicyObjects } from "../../../lib/snapshot/read-policy-objects.ts";
import { aCalicoNode, aGlobalNetworkPolicy, aTier } from "../../builders/a-guard-request.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const signal = new AbortController().signal;
const objects = [
  aTier("default"),
  aGlobalNetworkPolicy("p"),
  aCalicoNode(),
  { ...aCalicoNode(), metadata: { name: "rke2-canal", namespace: "kube-system" } },
  {
    ...aCalicoNode(),
    metadata: { name: "aws-node", namespace: "kube-system" },
    spec: { template: { spec: { containers: [{ name: "aws-node" }] } } },
  },
];

test("one list of each kind, and of DaemonSets those with a container calico-node", async () => {
  const cluster = createInMemoryCluster({ objects });
  const found = await readPolicyObjects(cluster.gateway, CALICO_V1, signal);
  expect(found.daemonSets?.map((it) => it.metadata.name)).toEqual(["calico-node", "rke2-canal"]);
  expect(found.globalNetworkPolicies).toHaveLength(1);
  expect(cluster.calls.map((it) => it.resource).sort()).toEqual([
    "daemonsets",
    "felixconfigurations",
    "globalnetworkpolicies",
    "tiers",
  ]);
});

test("network sets are read when a rule has a selector", async () => {
  const policy = aGlobalNetworkPolicy("s", { ingress: [{ action: "Allow", source: { selector: "all()" } }] });
  const cluster = createInMemoryCluster({ objects: [policy] });
  expect((await readPolicyObjects(cluster.gateway, CALICO_V1, signal)).networkSets).toEqual([]);
});

test("a role that may not read the DaemonSet does not stop the run; any other failure does", async () => {
  const cluster = createInMemoryCluster({ objects });
  const heal = cluster.fail({ resource: "daemonsets", as: "forbidden" });
  const found = await readPolicyObjects(cluster.gateway, CALICO_V1, signal);
  expect(found).not.toHaveProperty("daemonSets");
  expect(found.globalNetworkPolicies).toHaveLength(1);
  heal();
  cluster.fail({ resource: "daemonsets", as: "timeout" });
  await expect(readPolicyObjects(cluster.gateway, CALICO_V1, signal)).rejects.toThrow(UnreachableError);
});
