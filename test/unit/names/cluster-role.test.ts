import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import {
  PROBE_CLUSTER_ROLE,
  RELEASE_CLUSTER_ROLE,
  rbacObjects,
  rbacYaml,
} from "../../../lib/names/cluster-role.ts";
import { CLUSTER_ROLE, KUBERNETES_GROUP } from "../../../lib/names/names.ts";

describe("what the reconciler may do inside a cluster", () => {
  test.each([{ probe: false }, { probe: true }])("the YAML says what the objects say (%o)", (options) => {
    const documents = parseAllDocuments(rbacYaml(options));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.map((document) => document.toJS() as unknown)).toEqual(rbacObjects(options));
  });

  test("has no wildcard, no patch, no deletecollection, no watch and no secrets", () => {
    const rules = rbacObjects({ probe: true }).flatMap((it) => it.rules ?? []);
    expect(rules.length).toBeGreaterThan(8);
    for (const rule of rules) {
      for (const word of [...rule.apiGroups, ...rule.resources, ...rule.verbs]) {
        expect(word).not.toContain("*");
        expect(["patch", "deletecollection", "watch", "secrets", "escalate", "bind"]).not.toContain(word);
      }
    }
  });

  test("writes host endpoints and nothing else", () => {
    const written = rbacObjects({ probe: true })
      .flatMap((it) => it.rules ?? [])
      .filter(({ verbs }) => verbs.some((verb) => verb !== "get" && verb !== "list"))
      .flatMap(({ resources }) => resources);
    expect(new Set(written)).toEqual(new Set(["hostendpoints"]));
  });

  test("the kubelet probe is granted only when asked for", () => {
    expect(rbacYaml()).not.toContain("nodes/proxy");
    expect(rbacObjects({ probe: true }).map(({ metadata }) => metadata.name)).toContain(PROBE_CLUSTER_ROLE);
  });

  test("deploy/kubernetes/rbac.yaml is what hepctl prints; its first line says how to write it anew", () => {
    const account = { namespace: "hostendpoint-reconciler", name: "hepctl" };
    const file = new URL("../../../deploy/kubernetes/rbac.yaml", import.meta.url);
    const [how = "", ...written] = readFileSync(file, "utf8").split("\n");
    expect(how).toContain(`rbac --service-account ${account.namespace}/${account.name}`);
    expect(written.join("\n")).toBe(rbacYaml({ serviceAccount: account }));
  });

  test("a ServiceAccount gets what the group gets, and nothing of break-glass", () => {
    const serviceAccount = { namespace: "n", name: "a" };
    const [ofGroup, ofAccount] = [rbacObjects(), rbacObjects({ serviceAccount })];
    expect(ofAccount.flatMap(({ rules }) => rules ?? [])).toEqual(
      ofGroup
        .filter(({ metadata }) => metadata.name !== RELEASE_CLUSTER_ROLE)
        .flatMap(({ rules }) => rules ?? []),
    );
    const subjects = ofAccount.flatMap((it) => it.subjects ?? []);
    expect(subjects.length).toBeGreaterThan(0);
    for (const subject of subjects) expect(subject).toEqual({ kind: "ServiceAccount", ...serviceAccount });
  });

  test("release makes nothing, and is bound to a group of its own", () => {
    const objects = rbacObjects().filter(({ metadata }) => metadata.name === RELEASE_CLUSTER_ROLE);
    expect(objects.flatMap(({ rules }) => rules ?? []).flatMap(({ verbs }) => verbs)).not.toContain("create");
    expect(objects.flatMap(({ subjects }) => subjects ?? []).map(({ name }) => name)).not.toContain(
      KUBERNETES_GROUP,
    );
  });

  test("each role is bound to exactly one group, and precedes its binding", () => {
    const objects = rbacObjects();
    expect(objects.map(({ kind }) => kind)).toEqual([
      "ClusterRole",
      "ClusterRoleBinding",
      "Role",
      "RoleBinding",
      "Role",
      "RoleBinding",
      "ClusterRole",
      "ClusterRoleBinding",
    ]);
    expect(objects[1]?.roleRef?.name).toBe(CLUSTER_ROLE);
    expect(objects[1]?.subjects).toEqual([
      { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: KUBERNETES_GROUP },
    ]);
  });

  test("every rule has its reason, as a comment above it", () => {
    const yaml = rbacYaml({ probe: true }).split("\n");
    const starts = yaml.flatMap((line, index) => (line.startsWith("  - ") ? [index] : []));
    expect(starts.length).toBeGreaterThan(8);
    for (const start of starts) expect(yaml[start - 1]).toMatch(/^ {2}# \w.{30,}/);
  });

  test.each([
    [
      `ClusterRole ${CLUSTER_ROLE}`,
      [
        "nodes: get list",
        "hostendpoints: get list create update delete",
        "globalnetworkpolicies tiers globalnetworksets networksets felixconfigurations: list",
        "clusterinformations kubecontrollersconfigurations: get",
        "datastoremigrations: list",
        "apiservices [v3.projectcalico.org]: get",
        "servicecidrs [kubernetes]: get",
        "daemonsets: list",
      ],
    ],
    [
      `ClusterRole ${RELEASE_CLUSTER_ROLE}`,
      [
        "hostendpoints: get list update delete",
        "clusterinformations kubecontrollersconfigurations: get",
        "datastoremigrations: list",
        "apiservices [v3.projectcalico.org]: get",
      ],
    ],
    [`ClusterRole ${PROBE_CLUSTER_ROLE}`, ["nodes/proxy: get"]],
  ] as const)("%s: these rules, no more and no less", (name, rules) => {
    const found = rbacObjects({ probe: true })
      .filter((it) => `${it.kind} ${it.metadata.name}` === name)
      .flatMap((it) => it.rules ?? [])
      .map(({ resources, resourceNames, verbs }) => {
        const named = resourceNames === undefined ? "" : ` [${resourceNames.join(" ")}]`;
        return `${resources.join(" ")}${named}: ${verbs.join(" ")}`;
      });
    expect(found).toEqual(rules);
  });
});
