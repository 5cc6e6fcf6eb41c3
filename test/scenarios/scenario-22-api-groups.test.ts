/**
 * Scenario 22: API groups. Given v1 only, v1 beside the aggregated v3 API, native v3 CRDs, both without a sign, and a
 * DatastoreMigration in each of its phases, then the tool picks one group, writes nothing while the datastore moves or is
 * locked (`datastoreReady: false`), and goes on with v3 afterwards without making a single endpoint anew. Given that a
 * calicoctl edit moved our labels into the metadata annotation, then the endpoint is still recognised as ours.
 */
import { expect, test } from "@jest/globals";
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION, OWNER_LABEL } from "../../lib/names/names.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const fleet = someNodeObjects(3);
const names = fleet.map((it) => it.metadata.name);

const clusterInformation = (group: CalicoGroup, datastoreReady: boolean): KubernetesObject => ({
  apiVersion: group,
  kind: "ClusterInformation",
  metadata: { name: "default" },
  spec: { datastoreReady },
});
const migration = (phase?: string): KubernetesObject => ({
  apiVersion: "migration.projectcalico.org/v1",
  kind: "DatastoreMigration",
  metadata: { name: "default" },
  spec: { type: "APIServerToCRDs" },
  ...(phase === undefined ? {} : { status: { phase } }),
});
/** As Calico's migration copies it: labels and annotations of both homes, a new object. */
async function copyToV3(world: World): Promise<void> {
  const copies = (await world.endpoints(CALICO_V1)).map((it) =>
    aHostEndpointObject({ ...it, group: CALICO_V3, owner: null, annotations: it.annotations }),
  );
  await world.put(copies);
}

describeScenario("scenario 22: v1 only", (world) => {
  test("v1 is written", async () => {
    await world().put(fleet);
    expect((await world().run()).report).toMatchObject({ status: "converged", group: CALICO_V1 });
    expect(await world().endpointNames(CALICO_V1)).toEqual(names);
  });

  test("v1 beside Calico's own aggregated API server: v1 is the store", async () => {
    await world().put(fleet);
    const path = "/apis/apiregistration.k8s.io/v1/apiservices";
    await world().controlPlane.admin.create(path, {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v3.projectcalico.org" },
      spec: {
        group: "projectcalico.org",
        version: "v3",
        groupPriorityMinimum: 1500,
        versionPriority: 200,
        service: { name: "calico-api", namespace: "calico-apiserver" },
        insecureSkipTLSVerify: true,
      },
    });
    const { report } = await world().run();
    const asked = await world().controlPlane.requests.list({ resource: "apiservices" });
    await world().controlPlane.admin.remove(`${path}/v3.projectcalico.org`);
    expect(report).toMatchObject({ status: "converged", group: CALICO_V1, counts: { create: 3 } });
    expect(asked).toMatchObject([{ verb: "get", name: "v3.projectcalico.org", status: 200 }]);
    expect(await world().endpointNames(CALICO_V1)).toEqual(names);
  });

  test("a locked datastore is not written; unlocked, the next run goes on", async () => {
    await world().put([...fleet, clusterInformation(CALICO_V1, false)]);
    const { report } = await world().run();
    expect(report).toMatchObject({ status: "withheld", counts: { withheld: 3 } });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: "datastore-locked" }));
    expect(await world().endpoints()).toEqual([]);
    await world().put([clusterInformation(CALICO_V1, true)]);
    await world().settle();
    expect(await world().endpointNames()).toEqual(names);
  });

  test("labels that calicoctl moved into the annotation: still ours, nothing to do, and removed with its node", async () => {
    await world().put(fleet);
    await world().settle();
    const endpoint = await world().endpoint("node-0001");
    await world().put([
      aHostEndpointObject({
        ...endpoint,
        owner: null,
        labelHome: "annotation",
        annotations: endpoint.annotations,
      }),
    ]);
    const stored = await world().controlPlane.admin.get(`/apis/${CALICO_V1}/hostendpoints/node-0001`);
    expect(stored.metadata["labels"]).toBeUndefined();
    expect(JSON.stringify(stored.metadata["annotations"])).toContain(OWNER_LABEL);
    expect(JSON.stringify(stored.metadata["annotations"])).toContain(CALICO_METADATA_ANNOTATION);
    await world().controlPlane.requests.reset();
    expect((await world().run()).report).toMatchObject({
      status: "converged",
      actions: [],
      counts: { foreign: 0 },
    });
    expect(await world().writes()).toEqual([]);
    await world().removeNodes("node-0001");
    await world().run();
    expect(await world().endpointNames()).toEqual(["node-0000", "node-0002"]);
  });
});

describeScenario(
  "scenario 22: native v3",
  (world) => {
    test("v3 is written", async () => {
      await world().put([...fleet, clusterInformation(CALICO_V3, true)]);
      expect((await world().run()).report).toMatchObject({ status: "converged", group: CALICO_V3 });
      expect(await world().endpointNames(CALICO_V3)).toEqual(names);
      expect((await world().run()).report.actions).toEqual([]);
    });

    test("a locked datastore is not written", async () => {
      await world().put([...fleet, clusterInformation(CALICO_V3, false)]);
      expect((await world().run()).report).toMatchObject({ status: "withheld", group: CALICO_V3 });
      expect(await world().endpoints(CALICO_V3)).toEqual([]);
    });
  },
  { definitions: "v3" },
);

describeScenario(
  "scenario 22: both groups as CRDs and nothing that says which",
  (world) => {
    test("nothing is written, and the reason is said", async () => {
      await world().put(fleet);
      const { report } = await world().run();
      expect(report.status).toBe("withheld");
      expect(report.findings).toContainEqual(expect.objectContaining({ code: "group-unclear" }));
      expect([...(await world().endpoints(CALICO_V1)), ...(await world().endpoints(CALICO_V3))]).toEqual([]);
    });
  },
  { definitions: "both" },
);

describeScenario(
  "scenario 22: a datastore migration",
  (world) => {
    /** Three nodes protected in v1 before Calico was upgraded, a fourth that came since, one label that drifted. */
    const upgraded = async () => {
      const protectedBefore = fleet.map(({ metadata: { name } }) =>
        aHostEndpointObject({
          name,
          labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" },
        }),
      );
      await world().put([...someNodeObjects(4), ...protectedBefore]);
    };

    test.each([undefined, "Pending", "Migrating", "WaitingForConflictResolution", "Converged"])(
      "phase %s: nothing is written in either group",
      async (phase) => {
        await upgraded();
        await world().put([migration(phase), clusterInformation(CALICO_V1, false)]);
        const { report } = await world().run();
        expect(report.status).toBe("withheld");
        expect(report.findings).toContainEqual(expect.objectContaining({ code: "migration-in-progress" }));
        expect(await world().writes()).toEqual([]);
      },
    );

    test("Complete: v3 goes on with zero re-creates, although v1 stays locked behind it", async () => {
      await upgraded();
      await copyToV3(world());
      await world().put([
        migration("Complete"),
        clusterInformation(CALICO_V1, false),
        clusterInformation(CALICO_V3, true),
      ]);
      const before = new Map((await world().endpoints(CALICO_V3)).map((it) => [it.name, it.uid]));
      await world().controlPlane.requests.reset();
      const { report } = await world().run();
      expect(report).toMatchObject({
        status: "converged",
        group: CALICO_V3,
        counts: { create: 1, delete: 0 },
      });
      const after = await world().endpoints(CALICO_V3);
      expect(after.map((it) => it.name)).toEqual([...names, "node-0003"]);
      for (const it of after.filter(({ name }) => before.has(name))) expect(it.uid).toBe(before.get(it.name));
      expect((await world().writes()).filter((it) => !it.startsWith("update"))).toEqual(["create node-0003"]);
      expect(await world().endpointNames(CALICO_V1)).toEqual(names);
    });

    test("Failed: v1 goes on once it is unlocked", async () => {
      await upgraded();
      await world().put([migration("Failed"), clusterInformation(CALICO_V1, false)]);
      expect((await world().run()).report).toMatchObject({ status: "withheld", group: CALICO_V1 });
      await world().put([clusterInformation(CALICO_V1, true)]);
      expect((await world().run()).report).toMatchObject({
        status: "converged",
        group: CALICO_V1,
        counts: { create: 1 },
      });
      expect(await world().endpoints(CALICO_V3)).toEqual([]);
    });
  },
  { definitions: "migration" },
);
