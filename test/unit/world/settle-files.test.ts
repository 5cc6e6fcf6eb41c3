import { describe, expect, test } from "@jest/globals";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { settleFiles } from "../../../lib/world/settle-files.ts";
import { worldOfFiles } from "../../../lib/world/world-of.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const served = { uid: "u", resourceVersion: "7", creationTimestamp: "2026-11-22T00:00:00Z" };
const rule = { action: "Deny", protocol: "TCP", destination: { ports: [80] } };

function policy(
  spec: JsonObject,
  { apiVersion = CALICO_V3, name = "p", ...metadata }: Record<string, string> = {},
): KubernetesObject {
  return { apiVersion, kind: "GlobalNetworkPolicy", metadata: { name, ...metadata }, spec };
}

const typesOf = (objects: readonly KubernetesObject[]) => objects[0]?.spec?.["types"];
const codes = (found: ReturnType<typeof settleFiles>) =>
  found.findings.map((it) => `${it.code} ${it.object}`);

describe("types of a policy that a person wrote (docs/calico.md 1.5)", () => {
  const [ingress, egress] = [[rule], [rule]];
  test.each<[string, JsonObject, readonly string[]]>([
    ["only ingress rules", { ingress }, ["Ingress"]],
    ["only egress rules", { egress }, ["Egress"]],
    ["both", { ingress, egress }, ["Ingress", "Egress"]],
    ["none", {}, ["Ingress"]],
    ["no types is null", { ingress, types: null }, ["Ingress"]],
    ["no types is an empty list", { egress, types: [] }, ["Egress"]],
    ["an empty list of rules is none", { ingress: [], egress }, ["Egress"]],
    ["two empty lists of rules", { ingress: [], egress: [] }, ["Ingress"]],
  ])("%s", (_what, spec, expected) => {
    const settled = settleFiles([[policy(spec)]]);
    expect(typesOf(settled.objects)).toEqual(expected);
    expect(codes(settled)).toEqual(["policy-types-assumed GlobalNetworkPolicy/p"]);
    expect(settled.findings[0]?.message).toContain(`types: [${expected.join(", ")}]`);
  });

  test("where admission of v3 looks at presence and makes it otherwise, the note says so", () => {
    const message = (spec: JsonObject) => settleFiles([[policy(spec)]]).findings[0]?.message;
    expect(message({ ingress: [], egress })).toContain("[Ingress, Egress]");
    expect(message({ egress: [] })).toContain("makes it [Egress]");
    expect(message({ egress })).not.toContain("admission");
  });

  test.each<[string, KubernetesObject]>([
    ["one that says its types", policy({ types: ["Egress"], ingress })],
    ["one of v1, which nobody completes", policy({ ingress }, { apiVersion: CALICO_V1 })],
    ["one that was served, with an identity", policy({ ingress }, { uid: "u" })],
    ["one that was served, with a version", policy({ ingress }, { resourceVersion: "1" })],
    ["one that was served, with its age", policy({ ingress }, { creationTimestamp: "2026-11-22T00:00:00Z" })],
    ["another kind", { ...policy({ ingress }), kind: "StagedKubernetesNetworkPolicy" }],
  ])("left alone: %s", (_what, object) => {
    const settled = settleFiles([[object]]);
    expect(settled.objects[0]?.spec).toEqual(object.spec);
    expect(settled.findings).toEqual([]);
  });

  test("a manifest that a tool printed (creationTimestamp: null) was not served", () => {
    const printed = { ...policy({ ingress }), metadata: { name: "p", creationTimestamp: null } };
    expect(typesOf(settleFiles([[printed as unknown as KubernetesObject]]).objects)).toEqual(["Ingress"]);
  });
});

describe("the same object more than once", () => {
  const orders = (files: readonly (readonly KubernetesObject[])[]) =>
    settleFiles(files).objects.map((it) => it.spec?.["order"]);
  const of = (order: number, more: Record<string, string> = {}) =>
    policy({ order, types: ["Ingress"] }, more);
  const v1 = { apiVersion: CALICO_V1 };

  test.each<[string, readonly (readonly KubernetesObject[])[], readonly number[]]>([
    ["a later file wins", [[of(1)], [of(2)]], [2]],
    ["over v1 too", [[of(1, v1)], [of(2)]], [2]],
    ["over a dump of v1, served as it may be", [[of(1, { ...v1, ...served })], [of(2)]], [2]],
    ["over v3 with v1", [[of(1)], [of(2, v1)]], [2]],
    ["also when both were served", [[of(1, { ...v1, ...served })], [of(2, served)]], [2]],
    ["in one file the last wins", [[of(1), of(2)]], [2]],
    ["but the view of a store does not hide the store", [[of(1, { ...v1, ...served }), of(2, served)]], [1]],
    ["in either order", [[of(2, served), of(1, { ...v1, ...served })]], [1]],
    ["other names are other objects", [[of(1)], [of(2, { name: "q" })]], [1, 2]],
  ])("%s", (_what, files, expected) => {
    expect(orders(files)).toEqual(expected);
  });

  test("is told", () => {
    expect(codes(settleFiles([[of(1)], [of(2)]]))).toEqual(["replaced-object GlobalNetworkPolicy/p"]);
  });

  test("kinds of one name in groups of different owners are different objects", () => {
    const calico = {
      apiVersion: CALICO_V3,
      kind: "NetworkPolicy",
      metadata: { name: "p" },
      spec: { types: ["Ingress"] },
    };
    const kubernetes = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "p" },
      spec: {},
    };
    expect(settleFiles([[calico], [kubernetes]]).objects).toHaveLength(2);
  });

  test("no namespace is the namespace default", () => {
    const pod = (namespace?: string) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", ...(namespace === undefined ? {} : { namespace }) },
    });
    expect(settleFiles([[pod()], [pod("default")], [pod("other")]]).objects).toHaveLength(2);
  });
});

describe("objects that nobody reads", () => {
  test.each([
    ["projectcalico.org/v3", "GlobalNetworkpolicy", "projectcalico.org/v3, kind GlobalNetworkPolicy"],
    ["projectcalico.org/v3", "GlobalNetworkPolicies", "kind GlobalNetworkPolicy"],
    ["projectcalico.org/v3", "HostEndpoints", "kind HostEndpoint"],
    ["projectcalico.org/v1", "GlobalNetworkPolicy", "projectcalico.org/v3, kind GlobalNetworkPolicy"],
    ["crd.projectcalico.org/v3", "HostEndpoint", "kind HostEndpoint"],
    ["v1", "hostEndpoint", "calicoctl had another format"],
    ["v1", "profile", "kind Profile"],
    ["projectcalico.org/v3", "Node", "apiVersion v1, kind Node"],
    ["networking.k8s.io/v1", "Networkpolicy", "networking.k8s.io/v1, kind NetworkPolicy"],
  ])("%s %s is named, with what is meant", (apiVersion, kind, fix) => {
    const settled = settleFiles([[{ apiVersion, kind, metadata: { name: "x" } }]]);
    expect(codes(settled)).toEqual([`ignored-object ${kind}/x`]);
    expect(settled.findings[0]?.fix).toContain(fix);
  });

  test.each([
    ["apps/v1", "Deployment"],
    ["v1", "Service"],
    ["v1", "Endpoints"],
    ["policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"],
    ["cilium.io/v2", "CiliumNetworkPolicy"],
    ["crd.antrea.io/v1beta1", "NetworkPolicy"],
    ["projectcalico.org/v3", "IPPool"],
    ["projectcalico.org/v3", "BGPConfiguration"],
    ["projectcalico.org/v3", "KubeControllersConfiguration"],
    ["v1", "x".repeat(100_000)],
  ])("%s %.40s is not meant for us", (apiVersion, kind) => {
    expect(settleFiles([[{ apiVersion, kind, metadata: { name: "x" } }]]).findings).toEqual([]);
  });
});

test("v3 objects beside v1: their metadata annotation does not begin to mean something", () => {
  const annotations = { [CALICO_METADATA_ANNOTATION]: "{bad", other: "1" };
  const inV3 = {
    ...aHostEndpointObject({ name: "a", group: CALICO_V3 }),
    metadata: { name: "a", annotations },
  };
  const settled = settleFiles([[inV3, aHostEndpointObject({ name: "b" })]]);
  expect(settled.group).toBe(CALICO_V1);
  expect(settled.objects[0]).toMatchObject({
    apiVersion: CALICO_V1,
    metadata: { annotations: { other: "1" } },
  });
  expect(worldOfFiles(settled).ignoredEndpoints).toEqual([]);
});

test("maps that are null, and members that are, read as an API server stores them", () => {
  const metadata = { name: "n", labels: { a: null, b: "c" }, annotations: null, managedFields: [{}] };
  const written = { ...aNodeObject({ name: "n" }), metadata } as unknown as KubernetesObject;
  expect(settleFiles([[written]]).objects[0]?.metadata).toEqual({ name: "n", labels: { a: "", b: "c" } });
});

test("a proposal beside a dump decides as it would when it is applied", () => {
  const flow = {
    node: "n",
    direction: "egress",
    protocol: "tcp",
    source: { ip: "10.0.0.1" },
    destination: { ip: "203.0.113.9", port: 443 },
  } as const;
  const dump = [aNodeObject({ name: "n" }), aHostEndpointObject({ name: "n", node: "n" })];
  const spec = { selector: "all()", ingress: [rule] };
  const verdict = (object: KubernetesObject) =>
    verdictFor(worldOfFiles(settleFiles([dump, [object]])), flow).verdict;
  expect(verdict(policy(spec))).toBe("allow");
  expect(verdict(policy(spec, served))).toBe("deny");
  expect(verdict(policy(spec, { apiVersion: CALICO_V1 }))).toBe("deny");
});
