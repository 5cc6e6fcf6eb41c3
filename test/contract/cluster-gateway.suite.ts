/**
 * What every `ClusterGateway` does, whatever is behind it. Run on the in-memory fake and on a real kube-apiserver, so that
 * tests which use the fake tell the truth.
 */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../../lib/model/calico-group.ts";
import { ConflictError, InvalidError, NotFoundError, UnreachableError } from "../../lib/model/errors.ts";
import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION, OWNER_LABEL } from "../../lib/names/names.ts";
import type { ClusterGateway } from "../../lib/ports/kubernetes.ts";
import { calicoFacts } from "../../lib/policy/agent/calico-facts.ts";
import { readNetworkFacts } from "../../lib/snapshot/read-network-facts.ts";
import { aCalicoNode, aGlobalNetworkPolicy } from "../builders/a-guard-request.ts";
import { anApiServerSlice } from "../builders/an-endpoint-slice.ts";
import { aDesiredHostEndpoint, aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { aNode, aNodeObject, someNodeObjects } from "../builders/a-node.ts";

/** A cluster with a gateway to it, and an administrator's hands. */
export type Subject = {
  readonly gateway: ClusterGateway;
  /** Creates or replaces. */
  put(object: KubernetesObject): Promise<void>;
  get(group: CalicoGroup, name: string): Promise<KubernetesObject | undefined>;
  /** An annotation or label that somebody else writes meanwhile. */
  touch(group: CalicoGroup, name: string): Promise<void>;
  /** Deletes it and makes it anew: same name, other UID. */
  replace(group: CalicoGroup, object: KubernetesObject): Promise<void>;
};

/** @param open an empty cluster that serves both of Calico's groups */
export function describeClusterGateway(open: () => Promise<Subject>): void {
  let cluster: Subject;
  const signal = () => AbortSignal.timeout(30_000);
  beforeEach(async () => {
    cluster = await open();
  });

  describe("nodes", () => {
    test("lists every Node over several pages, projected and sorted", async () => {
      const objects = someNodeObjects(1_001);
      await Promise.all(objects.map((it) => cluster.put(it)));
      const found = await cluster.gateway.listNodes(signal());
      expect(found.map((it) => it.name)).toEqual(objects.map((it) => it.metadata.name));
      // UID, time and the not-ready taint of a new Node are the server's.
      const { uid, createdAt, taints } = found[17] ?? {};
      expect(found[17]).toEqual({ ...aNode({ name: "node-0017" }), uid, createdAt, taints });
    });

    test("a Node that does not exist is undefined", async () => {
      await cluster.put(aNodeObject({ name: "here", taints: ["karpenter.sh/unregistered"] }));
      expect(await cluster.gateway.getNode("gone", signal())).toBeUndefined();
      expect(await cluster.gateway.getNode("here", signal())).toMatchObject({
        name: "here",
        taints: expect.arrayContaining([
          { key: "karpenter.sh/unregistered", value: "", effect: "NoSchedule" },
        ]) as unknown,
        addresses: aNode({ name: "here" }).addresses,
      });
    });

    test("an empty cluster is an empty list", async () => {
      expect(await cluster.gateway.listNodes(signal())).toEqual([]);
    });
  });

  test("a list of versions says what changed, and nothing else", async () => {
    const version = async (name: string) => {
      const at = { groupVersion: CALICO_V1, resource: "globalnetworkpolicies" };
      const found = await cluster.gateway.listVersions(at, signal());
      const whole = await cluster.gateway.listObjects(at, signal());
      expect(found.map((it) => [it.name, it.uid, it.resourceVersion])).toEqual(
        whole.map((it) => [it.metadata.name, it.metadata.uid, it.metadata.resourceVersion]),
      );
      expect(found.flatMap((it) => Object.keys(it))).not.toContain("spec");
      return found.find((it) => it.name === name)?.resourceVersion;
    };
    expect(await version("p")).toBeUndefined();
    await cluster.put(aGlobalNetworkPolicy("p", { selector: "all()" }));
    const first = await version("p");
    expect(await version("p")).toBe(first);
    await cluster.put(aGlobalNetworkPolicy("p", { selector: "has(x)" }));
    expect(await version("p")).not.toBe(first);
    await cluster.put(aGlobalNetworkPolicy("q", { selector: "all()" }));
    expect(await version("q")).toBeDefined();
  });

  test("names the API groups", async () => {
    expect(await cluster.gateway.listApiGroups(signal())).toEqual(
      expect.arrayContaining(["crd.projectcalico.org", "projectcalico.org"]),
    );
  });

  describe.each<CalicoGroup>([CALICO_V1, CALICO_V3])("host endpoints in %s", (group) => {
    const desired = aDesiredHostEndpoint({
      name: "n1",
      labels: { tier: "db", "projectcalico.org/keep": "x" },
    });

    test("create, read back, list", async () => {
      const created = await cluster.gateway.create(group, desired, signal());
      expect(created).toMatchObject({ ...desired, calicoName: "n1", deleting: false, ports: [] });
      expect(created.uid).not.toBe("");
      expect(await cluster.gateway.getHostEndpoint(group, "n1", signal())).toEqual(created);
      expect(await cluster.gateway.listHostEndpoints(group, signal())).toEqual([created]);
    });

    test("create is create-only", async () => {
      const first = await cluster.gateway.create(group, desired, signal());
      await expect(cluster.gateway.create(group, { ...desired, labels: {} }, signal())).rejects.toThrow(
        ConflictError,
      );
      expect(await cluster.gateway.getHostEndpoint(group, "n1", signal())).toEqual(first);
    });

    test("the two groups are two stores", async () => {
      await cluster.gateway.create(group, desired, signal());
      const other = group === CALICO_V1 ? CALICO_V3 : CALICO_V1;
      expect(await cluster.gateway.listHostEndpoints(other, signal())).toEqual([]);
    });

    test("update replaces what is ours, removals included", async () => {
      const created = await cluster.gateway.create(group, desired, signal());
      const next = aDesiredHostEndpoint({
        name: "n1",
        interfaceName: "eth0",
        expectedIPs: [],
        profiles: [],
        labels: { tier: "web" },
      });
      const updated = await cluster.gateway.update(group, created, next, signal());
      expect(updated).toMatchObject({ ...next, uid: created.uid });
      expect(updated.labels).toEqual(next.labels);
      expect(updated.resourceVersion).not.toBe(created.resourceVersion);
      expect((await cluster.get(group, "n1"))?.spec).toEqual({ node: "n1", interfaceName: "eth0" });
    });

    test("update leaves alone what is not ours", async () => {
      const ports = [{ name: "http", port: 80, protocol: "TCP" }];
      await cluster.put(
        aHostEndpointObject({
          group,
          name: "n1",
          ports,
          annotations: { "example.com/note": "theirs", "hostendpoint-reconciler/rollout": "{}" },
          finalizers: ["example.com/wait"],
          ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n1", uid: "u" }],
        }),
      );
      const observed = await must(cluster.gateway.getHostEndpoint(group, "n1", signal()));
      const updated = await cluster.gateway.update(group, observed, desired, signal());
      expect(updated.ports).toEqual(ports);
      expect(updated.annotations).toEqual({ "example.com/note": "theirs", ...desired.annotations });
      expect(updated.raw.metadata.finalizers).toEqual(["example.com/wait"]);
      expect(updated.raw.metadata.ownerReferences).toEqual([
        { apiVersion: "v1", kind: "Node", name: "n1", uid: "u" },
      ]);
      expect(updated.labels).toEqual(desired.labels);
    });

    test("an update that changes nothing makes no new resourceVersion", async () => {
      const created = await cluster.gateway.create(group, desired, signal());
      expect(await cluster.gateway.update(group, created, desired, signal())).toEqual(created);
    });

    test("update and delete conflict when somebody wrote in between", async () => {
      const created = await cluster.gateway.create(group, desired, signal());
      await cluster.touch(group, "n1");
      await expect(
        cluster.gateway.update(group, created, { ...desired, labels: {} }, signal()),
      ).rejects.toThrow(ConflictError);
      await expect(cluster.gateway.delete(group, created, signal())).rejects.toThrow(ConflictError);
      expect((await must(cluster.gateway.getHostEndpoint(group, "n1", signal()))).labels).toMatchObject(
        desired.labels,
      );
    });

    test("update and delete conflict with another object of the same name", async () => {
      const created = await cluster.gateway.create(group, desired, signal());
      await cluster.replace(group, aHostEndpointObject({ group, name: "n1" }));
      await expect(cluster.gateway.update(group, created, desired, signal())).rejects.toThrow(ConflictError);
      await expect(cluster.gateway.delete(group, created, signal())).rejects.toThrow(ConflictError);
      expect(await cluster.gateway.getHostEndpoint(group, "n1", signal())).toBeDefined();
    });

    test("delete, and delete again", async () => {
      const created = await cluster.gateway.create(group, desired, signal());
      await cluster.gateway.delete(group, created, signal());
      expect(await cluster.gateway.getHostEndpoint(group, "n1", signal())).toBeUndefined();
      await expect(cluster.gateway.delete(group, created, signal())).rejects.toThrow(NotFoundError);
      await expect(cluster.gateway.update(group, created, desired, signal())).rejects.toThrow(NotFoundError);
    });

    test("a finalizer keeps a deleted object visible, as deleting", async () => {
      await cluster.put(aHostEndpointObject({ group, name: "n1", finalizers: ["example.com/wait"] }));
      await cluster.gateway.delete(
        group,
        await must(cluster.gateway.getHostEndpoint(group, "n1", signal())),
        signal(),
      );
      expect((await must(cluster.gateway.getHostEndpoint(group, "n1", signal()))).deleting).toBe(true);
    });

    test.each([
      ["no node", { ...desired, node: "" }],
      ["neither interface nor address", { ...desired, interfaceName: "", expectedIPs: [] }],
      ["an interface name of 16 characters", { ...desired, interfaceName: "a".repeat(16) }],
      ["an address twice", { ...desired, expectedIPs: ["10.0.0.1", "10.0.0.1"] }],
      ["a label value of 64 characters", { ...desired, labels: { a: "b".repeat(64) } }],
      ["a name in capitals", { ...desired, name: "N1" }],
    ])("%s is refused as invalid", async (_what, broken) => {
      await expect(cluster.gateway.create(group, broken, signal())).rejects.toThrow(InvalidError);
      expect(await cluster.gateway.listHostEndpoints(group, signal())).toEqual([]);
    });
  });

  describe("the second home of labels on v1", () => {
    test("labels that calicoctl moved into the annotation are read, changed and removed", async () => {
      await cluster.put(
        aHostEndpointObject({ name: "n1", labelHome: "annotation", labels: { tier: "db", zone: "a" } }),
      );
      const observed = await must(cluster.gateway.getHostEndpoint(CALICO_V1, "n1", signal()));
      expect(observed.labels).toEqual({ tier: "db", zone: "a", [OWNER_LABEL]: "hostendpoint-reconciler" });
      const desired = aDesiredHostEndpoint({ name: "n1", labels: { zone: "b" } });
      const updated = await cluster.gateway.update(CALICO_V1, observed, desired, signal());
      expect(updated.labels).toEqual(desired.labels);
      const stored = await must(cluster.get(CALICO_V1, "n1"));
      expect(stored.metadata.labels).toEqual(desired.labels);
      const annotation: unknown = JSON.parse(stored.metadata.annotations?.[CALICO_METADATA_ANNOTATION] ?? "");
      expect(annotation).toEqual({
        creationTimestamp: "2026-11-22T00:00:00Z",
        labels: desired.labels,
        annotations: desired.annotations,
      });
    });

    test("an object whose annotation Calico cannot read has no labels, so it is nobody's", async () => {
      await cluster.put(
        aHostEndpointObject({ name: "n1", annotations: { [CALICO_METADATA_ANNOTATION]: "{" } }),
      );
      const observed = await must(cluster.gateway.getHostEndpoint(CALICO_V1, "n1", signal()));
      expect(observed.labels).toEqual({});
    });
  });

  describe("other objects", () => {
    const tiers = { groupVersion: CALICO_V1, resource: "tiers" };
    /** Of the kinds that are got and never listed. */
    const configurations = { groupVersion: CALICO_V1, resource: "kubecontrollersconfigurations" };
    const tier = (name: string): KubernetesObject => ({
      apiVersion: CALICO_V1,
      kind: "Tier",
      metadata: { name },
      spec: { order: 7, defaultAction: "Pass" },
    });

    test("are listed sorted, with kind and apiVersion, without managedFields", async () => {
      await cluster.put(tier("b"));
      await cluster.put(tier("a"));
      const found = await cluster.gateway.listObjects(tiers, signal());
      expect(found.map((it) => it.metadata.name)).toEqual(["a", "b"]);
      expect(found[0]).toMatchObject({ apiVersion: CALICO_V1, kind: "Tier", spec: { order: 7 } });
      expect(Object.keys(found[0]?.metadata ?? {})).not.toContain("managedFields");
    });

    test("one is got by its name, with kind and apiVersion, without managedFields", async () => {
      const spec = { controllers: { node: { hostEndpoint: { autoCreate: "Disabled" } } } };
      const kind = "KubeControllersConfiguration";
      await cluster.put({ apiVersion: CALICO_V1, kind, metadata: { name: "default" }, spec });
      const found = await cluster.gateway.getObject(configurations, "default", signal());
      expect(found).toMatchObject({ apiVersion: CALICO_V1, kind, metadata: { name: "default" } });
      expect(Object.keys(found?.metadata ?? {})).not.toContain("managedFields");
    });

    test("can be listed by one name, or by a container, in whichever namespace they are", async () => {
      await cluster.put(aCalicoNode([{ name: "FELIX_IPV6SUPPORT", value: "false" }], "kube-system"));
      const other = aCalicoNode([], "kube-system");
      const container = { name: "aws-node", image: "aws-node:v1" };
      await cluster.put({
        ...other,
        metadata: { ...other.metadata, name: "aws-node" },
        spec: {
          selector: { matchLabels: { app: "aws-node" } },
          template: { metadata: { labels: { app: "aws-node" } }, spec: { containers: [container] } },
        },
      });
      const named = { groupVersion: "apps/v1", resource: "daemonsets", named: "calico-node" };
      const found = await cluster.gateway.listObjects(named, signal());
      expect(found).toMatchObject([
        { kind: "DaemonSet", metadata: { name: "calico-node", namespace: "kube-system" } },
      ]);
      const { agents } = calicoFacts({ namedDaemonSets: found });
      expect(agents.map((it) => it.variables.values)).toEqual([{ FELIX_IPV6SUPPORT: "false" }]);
      const canal = aCalicoNode([{ name: "FELIX_BPFENABLED", value: "true" }], "kube-system");
      await cluster.put({ ...canal, metadata: { ...canal.metadata, name: "rke2-canal" } });
      const all = { groupVersion: "apps/v1", resource: "daemonsets", container: "calico-node" };
      const listed = calicoFacts({ daemonSets: await cluster.gateway.listObjects(all, signal()) });
      expect(listed.agents.map((it) => it.name)).toEqual(["calico-node", "rke2-canal"]);
    });

    test("what the API servers say of themselves", async () => {
      await cluster.put(anApiServerSlice(["10.1.7.7"], 6_443));
      const policyObjects = {
        globalNetworkPolicies: [],
        tiers: [],
        globalNetworkSets: [],
        felixConfigurations: [],
      };
      expect(
        await readNetworkFacts(
          { policyObjects, nodes: [], hasNewAddresses: false, always: true },
          { cluster: cluster.gateway },
          signal(),
        ),
      ).toEqual({ apiServers: [{ address: "10.1.7.7", port: 6_443 }] });
    });

    test("neither the object nor the resource need exist for a get; the resource must for a list", async () => {
      expect(await cluster.gateway.getObject(configurations, "nope", signal())).toBeUndefined();
      const unserved = { ...configurations, groupVersion: "crd.projectcalico.org/v7" };
      expect(await cluster.gateway.getObject(unserved, "nope", signal())).toBeUndefined();
      const unknown = { groupVersion: "migration.projectcalico.org/v7", resource: "datastoremigrations" };
      await expect(cluster.gateway.listObjects(unknown, signal())).rejects.toThrow(NotFoundError);
    });
  });

  test("nothing is asked once the budget has run out", async () => {
    const spent = AbortSignal.abort(new Error("spent"));
    await expect(cluster.gateway.listNodes(spent)).rejects.toThrow(UnreachableError);
    await expect(cluster.gateway.create(CALICO_V1, aDesiredHostEndpoint(), spent)).rejects.toThrow(
      UnreachableError,
    );
    expect(await cluster.gateway.listHostEndpoints(CALICO_V1, signal())).toEqual([]);
  });
}

async function must<T>(value: Promise<T | undefined>): Promise<T> {
  const found = await value;
  if (found === undefined) throw new Error("expected an object, got nothing");
  return found;
}
