/** doctor, as a child process of the real bundle: what is wrong is named, with its fix. */
import { diagnosisShape } from "../../../functions/local/docs/output-shapes.ts";
import { parseAs } from "./parse-as.ts";
import { expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { someNodeObjects } from "../../builders/a-node.ts";
import { runHepctl, settingsFile } from "./run-hepctl.ts";
import { describeWithReconciler, documentsOf } from "./with-reconciler.ts";

const calicoConfiguration =
  "{apiVersion: crd.projectcalico.org/v1, kind: KubeControllersConfiguration, metadata: {name: default}, spec: {controllers: {node: {hostEndpoint: {autoCreate: Enabled}}}}}";
const calicoNode = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: calico-node}}
  template:
    metadata: {labels: {k8s-app: calico-node}}
    spec: {tolerations: [{operator: Exists}], containers: [{name: calico-node, image: "docker.io/calico/node:VERSION"}]}
status: {desiredNumberScheduled: 1, currentNumberScheduled: 1, numberMisscheduled: 0, numberReady: 1, updatedNumberScheduled: 1, observedGeneration: 1}
`;
const calicoVersion =
  "{apiVersion: crd.projectcalico.org/v1, kind: ClusterInformation, metadata: {name: default}, spec: {calicoVersion: v3.30.1, datastoreReady: true}}";

describeWithReconciler("hepctl doctor", ({ controlPlane, hepctl }) => {
  test("doctor: healthy when nothing is to be mended", async () => {
    await controlPlane().apply([
      ...someNodeObjects(1),
      ...documentsOf(calicoNode.replace("VERSION", "v3.30.1")),
      ...documentsOf(calicoVersion),
    ]);
    await hepctl(["reconcile", "--yes"]);
    const { code, stdout } = await hepctl(["doctor", "-o", "json"]);
    const diagnosis = parseAs(diagnosisShape, stdout);
    expect(diagnosis).toMatchObject({
      status: "healthy",
      calico: {
        group: "crd.projectcalico.org/v1",
        version: "v3.30.1",
        nodeImage: "docker.io/calico/node:v3.30.1",
      },
      nodes: { total: 1, protected: 1 },
    });
    // What is only worth knowing (failsafes that would help against a policy of tomorrow) is no reason for a bad exit code.
    const { findings } = diagnosis;
    expect(findings.filter((it) => it.severity !== "info")).toEqual([]);
    expect(code).toBe(0);
  });

  test("doctor: each thing that is wrong has a finding with its fix", async () => {
    await controlPlane().apply([
      ...someNodeObjects(1),
      ...documentsOf(calicoNode.replace("VERSION", "v3.13.0").replace("numberReady: 1", "numberReady: 0")),
      ...documentsOf(calicoConfiguration),
    ]);
    const config = await settingsFile("endpoints: [{nodes: \"role == 'nobody'\"}]\n");
    const { code, stdout } = await hepctl(["doctor", "-o", "json", "--config", config]);
    const { findings } = parseAs(diagnosisShape, stdout);
    expect(findings.map((it) => it.code).sort()).toEqual(
      expect.arrayContaining([
        "calico-auto-host-endpoints",
        "calico-node-not-rolled-out",
        "calico-node-outdated",
        "calico-version-unknown",
        "nodes-without-template",
        "template-selects-nothing",
      ]),
    );
    expect(findings.every((it) => it.fix !== "")).toBe(true);
    expect(code).toBe(3);
  });

  test("doctor names the permission that is missing, and its fix", async () => {
    await controlPlane().apply(someNodeObjects(1));
    const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/hostendpoint-reconciler";
    const role = (await controlPlane().admin.get(path)) as unknown as {
      readonly rules: readonly { readonly resources: readonly string[] }[];
    };
    await controlPlane().admin.patch(path, {
      rules: role.rules.filter((it) => !it.resources.includes("globalnetworkpolicies")),
    });
    try {
      const { code, stdout } = await hepctl(["doctor"]);
      expect(code).toBe(3);
      expect(stdout).toMatch(/may not list globalnetworkpolicies\.crd\.projectcalico\.org/);
      expect(stdout).toMatch(/Fix: hepctl rbac \| kubectl apply -f -/);
    } finally {
      await controlPlane().admin.patch(path, { rules: role.rules });
    }
  });

  test("doctor names the hop: 401, and a kubeconfig whose plugin is dead", async () => {
    const broken = join(controlPlane().folder, "no-token.yaml");
    await writeFile(
      broken,
      controlPlane()
        .kubeconfig()
        .replace(/token: .*/, "token: wrong"),
    );
    const denied = await runHepctl(["doctor", "--kubeconfig", broken]);
    expect(denied.code).toBe(1);
    expect(denied.stdout).toMatch(/ok +tls/);
    expect(denied.stdout).toMatch(/FAILED authentication/);
    const plugin = join(controlPlane().folder, "plugin.yaml");
    await writeFile(
      plugin,
      controlPlane()
        .kubeconfig()
        .replace(
          /token: .*/,
          "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never}",
        ),
    );
    const dead = await runHepctl(["doctor", "--kubeconfig", plugin, "-o", "json"]);
    expect(dead.code).toBe(1);
    expect(parseAs(diagnosisShape, dead.stdout)).toMatchObject({
      status: "unreachable",
      hops: [{ hop: "credentials", outcome: "failed" }, ...Array<object>(6).fill({ outcome: "not-reached" })],
    });
  });
});
