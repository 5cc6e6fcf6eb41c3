import { beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { adminClient, ApiError, type AnyObject } from "../../control-plane/admin-client.ts";
import { describeWithControlPlane } from "../../control-plane/describe-with-control-plane.ts";

const calico = "/apis/crd.projectcalico.org/v1";
const addresses = [{ type: "InternalIP", address: "10.0.0.1" }];

function node(name: string, more: AnyObject["metadata"] | object = {}): AnyObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { team: "a" }, ...more },
    spec: { providerID: `aws:///eu-west-1a/${name}` },
    status: { addresses, capacity: { cpu: "2" } },
  };
}

function hostEndpoint(name: string, spec: object): AnyObject {
  return { apiVersion: "crd.projectcalico.org/v1", kind: "HostEndpoint", metadata: { name }, spec };
}

describeWithControlPlane(
  "objects on the control plane",
  (controlPlane) => {
    beforeEach(() => controlPlane().resetObjects());

    test("a Node keeps its status, in one request", async () => {
      const [stored] = await controlPlane().apply([node("n1")]);
      expect(stored).toMatchObject({ status: { addresses, capacity: { cpu: "2" } } });
      expect(
        await controlPlane().requests.list({ user: "control-plane-admin", resource: "nodes/status" }),
      ).toEqual([]);
      expect(await controlPlane().admin.get("/api/v1/nodes/n1")).toMatchObject({ status: { addresses } });
    });

    test("applying again replaces, status included", async () => {
      await controlPlane().apply([node("n1")]);
      await controlPlane().apply([
        {
          ...node("n1", { labels: { team: "b" } }),
          status: { addresses: [{ type: "InternalIP", address: "10.0.0.2" }] },
        },
      ]);
      const stored = await controlPlane().admin.get("/api/v1/nodes/n1");
      expect(stored.metadata["labels"]).toEqual({ team: "b" });
      expect(stored["status"]).toMatchObject({ addresses: [{ address: "10.0.0.2" }] });
    });

    test("the status of a custom resource, which the server drops at creation, is written as well", async () => {
      await controlPlane().apply([
        {
          apiVersion: "crd.projectcalico.org/v1",
          kind: "KubeControllersConfiguration",
          metadata: { name: "default" },
          spec: { controllers: {} },
          status: { environmentVars: { LOG_LEVEL: "info" } },
        },
        {
          apiVersion: "migration.projectcalico.org/v1",
          kind: "DatastoreMigration",
          metadata: { name: "default" },
          spec: { type: "APIServerToCRDs" },
          status: { phase: "Migrating" },
        },
      ]);
      const { admin } = controlPlane();
      expect(await admin.get(`${calico}/kubecontrollersconfigurations/default`)).toMatchObject({
        status: { environmentVars: { LOG_LEVEL: "info" } },
      });
      expect(
        await admin.get("/apis/migration.projectcalico.org/v1/datastoremigrations/default"),
      ).toMatchObject({
        status: { phase: "Migrating" },
      });
    });

    test("an object that was copied from a server can be applied", async () => {
      const [stored] = await controlPlane().apply([node("n1")]);
      if (stored === undefined) throw new Error("nothing was stored");
      await controlPlane().resetObjects();
      expect(await controlPlane().apply([stored])).toMatchObject([{ metadata: { name: "n1" } }]);
    });

    test("a kind that is not served is an error that names it", async () => {
      await expect(
        controlPlane().apply([{ apiVersion: "v1", kind: "Nodule", metadata: { name: "n" } }]),
      ).rejects.toThrow("the control plane serves no Nodule in v1");
    });

    test.each([
      { name: "without a node", spec: { interfaceName: "*" }, says: "node" },
      { name: "without interface and addresses", spec: { node: "n1" }, says: "interfaceName or expectedIPs" },
      {
        name: "with an interface name of 16",
        spec: { node: "n1", interfaceName: "a".repeat(16) },
        says: "15",
      },
      {
        name: "with an address twice",
        spec: { node: "n1", expectedIPs: ["10.0.0.1", "10.0.0.1"] },
        says: "Duplicate",
      },
      {
        name: "with port 0",
        spec: { node: "n1", interfaceName: "*", ports: [{ name: "p", port: 0, protocol: "TCP" }] },
        says: "greater than or equal to 1",
      },
    ])("a HostEndpoint $name is refused", async ({ spec, says }) => {
      const refused = controlPlane().apply([hostEndpoint("h1", spec)]);
      await expect(refused).rejects.toThrow(ApiError);
      await expect(refused).rejects.toThrow(says);
      await expect(refused).rejects.toMatchObject({ status: 422, reason: "Invalid" });
    });

    test.each([
      { name: "preDNAT with egress", spec: { preDNAT: true, applyOnForward: true, types: ["Egress"] } },
      { name: "doNotTrack without applyOnForward", spec: { doNotTrack: true } },
      { name: "an unknown action", spec: { ingress: [{ action: "Permit" }] } },
      {
        name: "ICMP fields on TCP",
        spec: { ingress: [{ action: "Allow", protocol: "TCP", icmp: { type: 8 } }] },
      },
    ])("a GlobalNetworkPolicy with $name is refused", async ({ spec }) => {
      const policy = {
        apiVersion: "crd.projectcalico.org/v1",
        kind: "GlobalNetworkPolicy",
        metadata: { name: "p" },
        spec,
      };
      await expect(controlPlane().apply([policy])).rejects.toMatchObject({ status: 422 });
    });

    test("a default of the schema is written into the object, in both groups", async () => {
      const policies = ["crd.projectcalico.org/v1", "projectcalico.org/v3"].map((apiVersion) => ({
        apiVersion,
        kind: "GlobalNetworkPolicy",
        metadata: { name: "p" },
        spec: { order: 10 },
      }));
      expect(await controlPlane().apply(policies)).toMatchObject([
        { spec: { tier: "default", order: 10 } },
        { spec: { tier: "default", order: 10 } },
      ]);
    });

    test("a FelixConfiguration keeps settings that our schema does not know", async () => {
      const [felix] = await controlPlane().apply([
        {
          apiVersion: "crd.projectcalico.org/v1",
          kind: "FelixConfiguration",
          metadata: { name: "default" },
          spec: { bpfEnabled: false, maxIpsetSize: 1_048_576 },
        },
      ]);
      expect(felix).toMatchObject({ spec: { bpfEnabled: false, maxIpsetSize: 1_048_576 } });
    });

    test("a reset removes what tests make, finalizers or not, and forgets the requests", async () => {
      const finalizers = ["example.com/keeps"];
      await controlPlane().apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }]);
      await controlPlane().apply([
        node("n1"),
        node("n2", { finalizers }),
        hostEndpoint("h1", { node: "n1", interfaceName: "*" }),
        { ...hostEndpoint("h2", { node: "n2", interfaceName: "*" }), metadata: { name: "h2", finalizers } },
        { apiVersion: "projectcalico.org/v3", kind: "Tier", metadata: { name: "t1" }, spec: { order: 1 } },
        {
          apiVersion: "crd.projectcalico.org/v1",
          kind: "NetworkSet",
          metadata: { name: "s", namespace: "shop" },
          spec: {},
        },
        { apiVersion: "crd.projectcalico.org/v1", kind: "NetworkSet", metadata: { name: "s" }, spec: {} },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "p", namespace: "shop" },
          spec: { nodeName: "n1", containers: [{ name: "c", image: "i" }] },
        },
      ]);
      await controlPlane().resetObjects();
      expect(await controlPlane().requests.count({ user: "control-plane-admin" })).toEqual({});
      const { admin } = controlPlane();
      for (const path of [
        "/api/v1/nodes",
        "/api/v1/pods",
        `${calico}/hostendpoints`,
        `${calico}/networksets`,
        "/apis/projectcalico.org/v3/tiers",
      ]) {
        expect({ path, items: (await admin.list(path)).items }).toEqual({ path, items: [] });
      }
      const namespaces = (await admin.list("/api/v1/namespaces")).items.map(({ metadata }) => metadata.name);
      expect(namespaces.sort()).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    });

    test("requests are counted by verb, resource and user, large answers included, the admin's apart", async () => {
      await controlPlane().apply(Array.from({ length: 300 }, (_, index) => node(`n${index}`)));
      await controlPlane().requests.reset();
      const ca = await readFile(controlPlane().caFile, "utf8");
      const token = controlPlane().tokenOf("reconciler");
      const client = adminClient(controlPlane().url, ca, { name: "reconciler", groups: [], token });
      await client.request("GET", "/apis");
      await Promise.all([1, 2, 3].map(() => client.list("/api/v1/nodes?limit=500")));
      await client.create(`${calico}/hostendpoints`, hostEndpoint("h1", { node: "n1", interfaceName: "*" }));
      await client.patch(`${calico}/hostendpoints/h1`, { metadata: { labels: { a: "b" } } });
      await expect(client.get("/api/v1/nodes/none")).rejects.toThrow("NotFound");
      await controlPlane().admin.get("/api/v1/nodes/n1");
      expect(await controlPlane().requests.count()).toEqual({
        "create hostendpoints": 1,
        "get /apis": 1,
        "get nodes": 1,
        "list nodes": 3,
        "patch hostendpoints": 1,
      });
      expect(await controlPlane().requests.list({ verb: "get", resource: "nodes" })).toMatchObject([
        { name: "none", status: 404, user: "reconciler" },
      ]);
      expect(await controlPlane().requests.count({ user: "control-plane-admin" })).toEqual({
        "get nodes": 1,
      });
      await client.close();
    });
  },
  { definitions: "migration", users: [{ name: "reconciler", groups: ["system:masters"] }] },
);
