import { describe, expect, test } from "@jest/globals";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { chooseGroup } from "../../../lib/snapshot/choose-group.ts";

const v1 = "crd.projectcalico.org";
const v3 = "projectcalico.org";

function apiService(spec: KubernetesObject["spec"]): KubernetesObject {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v3.projectcalico.org" },
    ...(spec === undefined ? {} : { spec }),
  };
}
function migration(phase?: string): KubernetesObject {
  return {
    apiVersion: "migration.projectcalico.org/v1",
    kind: "DatastoreMigration",
    metadata: { name: "v1-to-v3" },
    ...(phase === undefined ? {} : { status: { phase } }),
  };
}

describe("docs/calico.md 1.1: which group is the datastore", () => {
  test("neither: Calico is not installed, or keeps its objects in etcd", () => {
    expect(chooseGroup({ apiGroups: ["apps"], migrations: [] })).toBeUndefined();
  });
  test("only one is served: that one", () => {
    expect(chooseGroup({ apiGroups: [v1], migrations: [] })).toEqual({ group: CALICO_V1 });
    expect(chooseGroup({ apiGroups: [v3], migrations: [] })).toEqual({ group: CALICO_V3 });
  });
  test("both, v3 by Calico's own API server: v1 is the store", () => {
    const aggregated = apiService({ service: { name: "calico-api", namespace: "calico-system" } });
    expect(chooseGroup({ apiGroups: [v1, v3], apiService: aggregated, migrations: [] })).toEqual({
      group: CALICO_V1,
    });
  });
  test("both, and the APIService may not be read: as Calico's own discovery, v1", () => {
    expect(chooseGroup({ apiGroups: [v1, v3], migrations: [] })).toEqual({ group: CALICO_V1 });
  });
  test("both from CRDs and no migration: unclear, nothing may be written", () => {
    const fromCrds = apiService({ group: v3, version: "v3" });
    expect(chooseGroup({ apiGroups: [v1, v3], apiService: fromCrds, migrations: [] })?.pause?.reason).toBe(
      "group-unclear",
    );
  });
  test.each([undefined, "Pending", "Migrating", "WaitingForConflictResolution", "Converged"])(
    "a migration in phase %s pauses",
    (phase) => {
      const chosen = chooseGroup({ apiGroups: [v1, v3], migrations: [migration(phase)] });
      expect(chosen).toMatchObject({ group: CALICO_V1, pause: { reason: "migration-in-progress" } });
    },
  );
  test("a complete migration goes on with v3, a failed one with v1", () => {
    expect(chooseGroup({ apiGroups: [v1, v3], migrations: [migration("Complete")] })).toEqual({
      group: CALICO_V3,
    });
    expect(chooseGroup({ apiGroups: [v1, v3], migrations: [migration("Failed")] })).toEqual({
      group: CALICO_V1,
    });
  });
});
