/** plan and reconcile, as child processes of the real bundle, as a user with exactly the ClusterRole that hepctl prints. */
import { beforeEach, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { aNodeObject, someNodeObjects } from "../../builders/a-node.ts";
import { documentsOf, describeWithReconciler } from "./with-reconciler.ts";
import { onlyLine, settingsFile, startHepctl } from "./run-hepctl.ts";
import { reportShape } from "../../../functions/local/docs/output-shapes.ts";
import { parseAs } from "./parse-as.ts";

describeWithReconciler("hepctl plan and reconcile", ({ controlPlane, hepctl, kubeconfig, hostEndpoints }) => {
  beforeEach(async () => {
    await controlPlane().apply(someNodeObjects(3));
  });

  test("plan tells what would change, and writes nothing", async () => {
    const { code, stdout, stderr } = await hepctl(["plan", "-o", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = parseAs(reportShape, stdout);
    expect(report.counts).toMatchObject({ nodes: 3, create: 3, update: 0, delete: 0, unprotected: 3 });
    expect(report.actions.map((it) => `${it.action} ${it.hostEndpoint} ${it.outcome}`)).toEqual([
      "create node-0000 planned",
      "create node-0001 planned",
      "create node-0002 planned",
    ]);
    expect(await hostEndpoints()).toEqual([]);
    expect(await controlPlane().requests.count({ verb: "create", resource: "hostendpoints" })).toEqual({});
  });

  test("plan for people reads as terraform's", async () => {
    const { stdout } = await hepctl(["plan"]);
    expect(stdout).toContain("+ create HostEndpoint/node-0000");
    expect(stdout).toContain('+ spec.interfaceName: "*"');
    expect(stdout).toContain("Plan: 3 to create, 0 to update, 0 to delete, 0 withheld.");
    expect(stdout).not.toContain("\u001b[");
  });

  test("YAML and JSON say the same", async () => {
    const [json, yaml] = await Promise.all([hepctl(["plan", "-o", "json"]), hepctl(["plan", "-o", "yaml"])]);
    expect(parse(yaml.stdout)).toEqual(JSON.parse(json.stdout));
  });

  test("--detailed-exitcode: 2 with changes, 0 without, 3 when something is withheld", async () => {
    expect((await hepctl(["plan", "--detailed-exitcode"])).code).toBe(2);
    await hepctl(["reconcile", "--yes"]);
    expect((await hepctl(["plan", "--detailed-exitcode"])).code).toBe(0);
    const observe = await settingsFile("stage: observe\nendpoints: [{interface: eth0}]\n");
    expect((await hepctl(["plan", "--detailed-exitcode", "--config", observe])).code).toBe(3);
    expect((await hepctl(["plan", "--config", observe])).code).toBe(0);
  });

  test("reconcile writes what plan said, and a second run has nothing to do", async () => {
    const { code, stdout } = await hepctl(["reconcile", "--yes", "-o", "json"]);
    const report = parseAs(reportShape, stdout);
    expect({ code, status: report.status }).toEqual({ code: 0, status: "converged" });
    expect(report.actions.every((it) => it.outcome === "applied")).toBe(true);
    expect((await hostEndpoints()).map((it) => it.metadata.name)).toEqual([
      "node-0000",
      "node-0001",
      "node-0002",
    ]);
    await controlPlane().requests.reset();
    const again = parseAs(reportShape, (await hepctl(["reconcile", "-o", "json"])).stdout);
    expect({ actions: again.actions, unchanged: again.counts.unchanged }).toEqual({
      actions: [],
      unchanged: 3,
    });
    const writes = await controlPlane().requests.list({ resource: "hostendpoints" });
    expect(writes.filter((it) => !["get", "list"].includes(it.verb))).toEqual([]);
  });

  test("--node limits both to one node, and lists no nodes and no endpoints once its addresses are known", async () => {
    await controlPlane().requests.reset();
    const { stdout } = await hepctl(["reconcile", "--node", "node-0001", "--yes", "-o", "json"]);
    expect(parseAs(reportShape, stdout).nodes.map((it) => it.node)).toEqual(["node-0001"]);
    expect((await hostEndpoints()).map((it) => it.metadata.name)).toEqual(["node-0001"]);
    // Whose the new address is, only all nodes together say where EC2 cannot be asked.
    const lists = /^list (nodes|hostendpoints)/;
    const first = await controlPlane().requests.count();
    expect(Object.keys(first).filter((it) => lists.test(it))).toEqual(["list hostendpoints", "list nodes"]);
    await controlPlane().requests.reset();
    await hepctl(["reconcile", "--node", "node-0001", "--yes"]);
    const counts = await controlPlane().requests.count();
    expect(Object.keys(counts).filter((it) => lists.test(it))).toEqual([]);
    expect(Object.values(counts).reduce((sum, it) => sum + it, 0)).toBeLessThanOrEqual(10);
  });

  test("a drifted endpoint is shown from and to, and repaired in place", async () => {
    await hepctl(["reconcile", "--yes"]);
    const path = "/apis/crd.projectcalico.org/v1/hostendpoints/node-0002";
    const before = await controlPlane().admin.get(path);
    await controlPlane().admin.patch(path, { spec: { interfaceName: "eth9" } });
    const plan = await hepctl(["plan"]);
    expect(plan.stdout).toContain("~ update HostEndpoint/node-0002");
    expect(plan.stdout).toContain('~ spec.interfaceName: "eth9" -> "*"');
    expect((await hepctl(["reconcile", "--yes"])).stdout).toContain("1 updated");
    const after = await controlPlane().admin.get(path);
    expect(after).toMatchObject({ metadata: { uid: before.metadata["uid"] }, spec: { interfaceName: "*" } });
  });

  test("without a terminal and without --yes it says to add --yes, and writes nothing; without changes it need not", async () => {
    const refused = await hepctl(["reconcile"]);
    expect(refused).toMatchObject({ code: 64, stdout: "" });
    expect(onlyLine(refused.stderr)).toMatch(/3 changes.*--yes/);
    expect(await hostEndpoints()).toEqual([]);
    await hepctl(["reconcile", "--yes"]);
    expect(await hepctl(["reconcile"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("No changes.") as unknown,
    });
  });

  test("what is withheld comes with reason and fix, and exit code 3", async () => {
    await controlPlane().apply(
      documentsOf(
        "{apiVersion: crd.projectcalico.org/v1, kind: KubeControllersConfiguration, metadata: {name: default}, spec: {controllers: {node: {hostEndpoint: {autoCreate: Enabled}}}}}",
      ),
    );
    const { code, stdout } = await hepctl(["reconcile", "--yes"]);
    expect(code).toBe(3);
    expect(stdout).toContain("[withheld: calico-auto-host-endpoints]");
    expect(stdout).toMatch(/Fix: take the automatic endpoints over/);
    expect(await hostEndpoints()).toEqual([]);
  });

  test("--every replaces an in-cluster loop: it heals drift and deletions, and stops cleanly at SIGTERM", async () => {
    const running = startHepctl(["reconcile", "--every", "1s", "-o", "json", "--kubeconfig", kubeconfig()]);
    await running.says(/reconciled status=converged/);
    const addresses = [{ type: "InternalIP", address: "10.0.7.7" }];
    await controlPlane().apply([aNodeObject({ name: "late", addresses })]);
    await controlPlane().admin.remove("/apis/crd.projectcalico.org/v1/hostendpoints/node-0000");
    await running.says(/reconciled status=converged/, 4);
    running.child.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/info stopped$/);
    const reports = stdout
      .trimEnd()
      .split("\n")
      .map((line) => parseAs(reportShape, line));
    expect(reports[0]?.counts.create).toBe(3);
    expect(reports.at(-1)?.actions).toEqual([]);
    expect((await hostEndpoints()).map((it) => it.metadata.name)).toEqual([
      "late",
      "node-0000",
      "node-0001",
      "node-0002",
    ]);
  });

  test("a round that fails does not end the loop", async () => {
    const running = startHepctl([
      "reconcile",
      "--every",
      "1s",
      "--timeout",
      "5s",
      "--kubeconfig",
      kubeconfig(),
    ]);
    await running.says(/reconciled status=converged/);
    await controlPlane().admin.remove(
      "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/hostendpoint-reconciler",
    );
    await running.says(/error round failed, nothing was written error=".*403.*hepctl rbac/);
    const rbac = await hepctl(["rbac"]);
    await controlPlane().apply(documentsOf(rbac.stdout));
    await running.says(/reconciled status=converged/, 3);
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(0);
  });

  test("the variables of hostendpoint-operator are honoured, its slash and its Python regular expressions included", async () => {
    await controlPlane().apply([
      aNodeObject({
        name: "labelled",
        labels: { app_tier: "web", "my-team": "a", other: "b" },
        // Not that of a node of another test, which would contest it.
        addresses: [{ type: "InternalIP", address: "10.0.9.1" }],
      }),
    ]);
    const environment = {
      OPERATOR_ID: "glavien.io/hostendpoint-operator",
      LOG_LEVEL: "WARNING",
      NODE_LABELS_INCLUDE_REGEX: String.raw`(?P<mine>app\_|my\-|other)`,
      NODE_LABELS_EXCLUDE_REGEX: "other$",
      CALICO_API_GROUP: "crd.projectcalico.org",
    };
    const { code, stderr } = await hepctl(
      ["reconcile", "--node", "labelled", "--yes", "--log-level", "info"],
      { environment },
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /OPERATOR_ID "glavien.io\/hostendpoint-operator" .*"glavien-io-hostendpoint-operator"/,
    );
    expect(stderr).toMatch(/CALICO_API_GROUP is ignored/);
    expect((await hostEndpoints())[0]?.metadata["labels"]).toEqual({
      app_tier: "web",
      "my-team": "a",
      "hostendpoint-reconciler/owner": "glavien-io-hostendpoint-operator",
    });
  });
});
