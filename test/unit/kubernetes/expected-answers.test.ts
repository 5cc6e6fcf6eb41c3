/** What is not what was asked for is an error of the answer: never the object, and never its absence. */
import { describe, expect, test } from "@jest/globals";
import { createClusterGateway } from "../../../lib/kubernetes/cluster-gateway.ts";
import type { Transport } from "../../../lib/kubernetes/connection/transport.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import { NotFoundError, UnreachableError } from "../../../lib/model/errors.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { readHealth } from "../../../lib/snapshot/read-health.ts";
import { ROLLOUT_ANNOTATION } from "../../../lib/names/names.ts";
import { aDesiredHostEndpoint, aHostEndpoint, aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aLease } from "../../builders/a-lease.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const signal = new AbortController().signal;
const leases = { groupVersion: "coordination.k8s.io/v1", resource: "leases", namespace: "kube-node-lease" };

/** Answers every request with this; a function sees the path. */
function gatewayThatAnswers(answer: JsonObject | ((path: string) => JsonObject)) {
  const ask: Transport["send"] = (request) =>
    Promise.resolve().then(() => (typeof answer === "function" ? answer(request.path) : answer));
  return createClusterGateway({ find: ask, send: ask, serverTime: () => undefined });
}
const plain = (object: object) => JSON.parse(JSON.stringify(object)) as JsonObject;
const lease = plain(aLease("a", 0));
const { metadata } = lease;

const wrong: readonly (readonly [string, JsonObject])[] = [
  ["{}", {}],
  ["another kind", { ...lease, kind: "Pod" }],
  ["another version", { ...lease, apiVersion: "v1" }],
  ["another name", { ...lease, metadata: { ...(metadata as JsonObject), name: "b" } }],
  ["another namespace", { ...lease, metadata: { ...(metadata as JsonObject), namespace: "default" } }],
  ["a list", { apiVersion: leases.groupVersion, kind: "LeaseList", items: [] }],
  ["a Status", { apiVersion: "v1", kind: "Status", status: "Success" }],
  ["no metadata", { apiVersion: leases.groupVersion, kind: "Lease" }],
];

describe("an object that is asked for by name", () => {
  test.each(wrong)("answered with %s is an error", async (_what, answer) => {
    await expect(gatewayThatAnswers(answer).getObject(leases, "a", signal)).rejects.toThrow(UnreachableError);
  });

  test("answered with itself is itself", async () => {
    expect(await gatewayThatAnswers(lease).getObject(leases, "a", signal)).toMatchObject({ kind: "Lease" });
  });

  test.each(["Node", "HostEndpoint"])("a %s of another name or version is an error", async (kind) => {
    const object = plain(kind === "Node" ? aNodeObject({ name: "a" }) : aHostEndpointObject({ name: "a" }));
    for (const answer of [
      { ...object, apiVersion: "v2" },
      { ...object, metadata: { name: "b", uid: "u" } },
      {},
    ]) {
      const gateway = gatewayThatAnswers(answer);
      const asked =
        kind === "Node" ? gateway.getNode("a", signal) : gateway.getHostEndpoint(CALICO_V1, "a", signal);
      await expect(asked).rejects.toThrow(UnreachableError);
    }
  });

  const unserved = () => {
    throw new NotFoundError("get leases: the cluster does not serve leases (404)");
  };
  test("a resource that the server's own list has is not taken for absent when one read says so", async () => {
    const gateway = gatewayThatAnswers((path) =>
      path === "/apis/coordination.k8s.io/v1"
        ? { kind: "APIResourceList", groupVersion: "coordination.k8s.io/v1", resources: [{ name: "leases" }] }
        : unserved(),
    );
    await expect(gateway.getObject(leases, "a", signal)).rejects.toThrow(/says that it does/);
  });
  test("a resource that the server does not serve is absent", async () => {
    expect(await gatewayThatAnswers(unserved).getObject(leases, "a", signal)).toBeUndefined();
    const empty = gatewayThatAnswers((path) =>
      path.startsWith("/apis/coordination.k8s.io/v1/")
        ? unserved()
        : { kind: "APIResourceList", groupVersion: "coordination.k8s.io/v1", resources: [] },
    );
    expect(await empty.getObject(leases, "a", signal)).toBeUndefined();
  });
});

describe("lists", () => {
  test.each<[string, JsonObject]>([
    ["another resource's list", { apiVersion: "coordination.k8s.io/v1", kind: "PodList", items: [] }],
    ["another version's list", { apiVersion: "coordination.k8s.io/v2", kind: "LeaseList", items: [] }],
    ["{}", {}],
  ])("%s is an error", async (_what, answer) => {
    const { namespace: _all, ...everywhere } = leases;
    await expect(gatewayThatAnswers(answer).listObjects(everywhere, signal)).rejects.toThrow(
      UnreachableError,
    );
  });
});

describe("writes", () => {
  const observed = aHostEndpoint({ name: "a" });
  test.each<[string, JsonObject]>([
    ["{}", {}],
    ["a Status of another object", { kind: "Status", status: "Success", details: { name: "b" } }],
    ["a Status without success", { kind: "Status" }],
    ["another object", plain(aHostEndpointObject({ name: "b" }))],
  ])("a deletion that is answered with %s is not believed", async (_what, answer) => {
    await expect(gatewayThatAnswers(answer).delete(CALICO_V1, observed, signal)).rejects.toThrow(
      UnreachableError,
    );
  });

  test.each<[string, JsonObject]>([
    ["a Status of success", { kind: "Status", status: "Success", details: { name: "a" } }],
    ["the object that finalizers keep", plain(aHostEndpointObject({ name: "a", deleting: true }))],
  ])("a deletion that is answered with %s is", async (_what, answer) => {
    await expect(gatewayThatAnswers(answer).delete(CALICO_V1, observed, signal)).resolves.toBeUndefined();
  });

  test.each<[string, JsonObject]>([
    ["{}", {}],
    [
      "no UID",
      { apiVersion: CALICO_V1, kind: "HostEndpoint", metadata: { name: "a", resourceVersion: "1" } },
    ],
    ["no version", { apiVersion: CALICO_V1, kind: "HostEndpoint", metadata: { name: "a", uid: "u" } }],
    ["another name", plain(aHostEndpointObject({ name: "b" }))],
  ])("a write that is answered with %s is not believed", async (_what, answer) => {
    const gateway = gatewayThatAnswers(answer);
    const desired = aDesiredHostEndpoint({ name: "a" });
    await expect(gateway.create(CALICO_V1, desired, signal)).rejects.toThrow(UnreachableError);
    await expect(gateway.update(CALICO_V1, observed, desired, signal)).rejects.toThrow(UnreachableError);
  });
});

test("a finalizer comes with who set it", async () => {
  const object = plain(
    aHostEndpointObject({ name: "a", finalizers: ["example.com/hold", "example.com/old"] }),
  );
  const gateway = gatewayThatAnswers({
    ...object,
    metadata: {
      ...(object["metadata"] as JsonObject),
      managedFields: [
        {
          manager: "kubectl-edit",
          fieldsV1: { "f:metadata": { "f:finalizers": { 'v:"example.com/hold"': {} } } },
        },
      ],
    },
  });
  expect((await gateway.getHostEndpoint(CALICO_V1, "a", signal))?.heldBy).toEqual([
    { name: "example.com/hold", setBy: "kubectl-edit" },
    { name: "example.com/old" },
  ]);
});

test.each<[string, JsonObject]>(wrong.map(([what, answer]) => [what, answer]))(
  "a canary's lease that is answered with %s says nothing against its node",
  async (_what, answer) => {
    const canary = aHostEndpoint({
      name: "a",
      annotations: {
        [ROLLOUT_ANNOTATION]: JSON.stringify({ phase: "soaking", since: "2026-11-22T00:00:00Z" }),
      },
    });
    const request = { owner: "hostendpoint-reconciler", probe: false };
    expect(await readHealth(request, [canary], gatewayThatAnswers(answer), signal)).toEqual([
      { node: "a", unreadable: expect.stringContaining("something else") },
    ]);
  },
);
