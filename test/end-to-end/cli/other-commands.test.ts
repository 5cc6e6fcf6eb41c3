/** The other commands, one user story each, as child processes of the real bundle. */
import { expect, test } from "@jest/globals";
import { parseSettings } from "../../../lib/config/settings.ts";
import { rbacObjects } from "../../../lib/names/cluster-role.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { aNodeObject, someNodeObjects } from "../../builders/a-node.ts";
import { onlyLine, runHepctl, settingsFile } from "./run-hepctl.ts";
import {
  explanationShape,
  manifestsShape,
  reportShape,
} from "../../../functions/local/docs/output-shapes.ts";
import { parseAs } from "./parse-as.ts";
import { describeWithReconciler, documentsOf } from "./with-reconciler.ts";

const autoEndpoint = `
apiVersion: crd.projectcalico.org/v1
kind: HostEndpoint
metadata:
  name: node-0000-auto-hep
  labels: {projectcalico.org/created-by: calico-kube-controllers}
  annotations: {projectcalico.org/metadata: '{"labels":{"projectcalico.org/created-by":"calico-kube-controllers","role":"web"}}'}
spec: {node: node-0000, interfaceName: "*", expectedIPs: [10.0.0.1], profiles: [projectcalico-default-allow]}
`;
const calicoConfiguration = `
apiVersion: crd.projectcalico.org/v1
kind: KubeControllersConfiguration
metadata: {name: default}
spec:
  controllers:
    node:
      hostEndpoint:
        autoCreate: Enabled
        templates:
          - {generateName: inner, interfaceCIDRs: [10.0.0.0/8], nodeSelector: "role == 'web'", labels: {tier: inner}}
          - {generateName: vpn, interfacePattern: "^(wg0|tun0)$"}
          - {generateName: any, interfacePattern: "eth.*"}
`;
const policy = `
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkPolicy
metadata: {name: allow-web}
spec: {selector: "role == 'web'", order: 10, types: [Ingress], ingress: [{action: Allow}]}
`;
describeWithReconciler(
  "hepctl, the other commands",
  ({ controlPlane, hepctl, hostEndpoints, kubeconfig }) => {
    test("explain: labels, template, endpoint, which of two wins and why, and the policies", async () => {
      await controlPlane().apply([
        aNodeObject({ name: "node-0000", labels: { role: "web" } }),
        ...documentsOf(autoEndpoint),
        ...documentsOf(policy),
      ]);
      await hepctl(["reconcile", "--yes"]);
      const { code, stdout } = await hepctl(["explain", "node-0000", "-o", "json"]);
      expect(code).toBe(0);
      const explanation = parseAs(explanationShape, stdout);
      expect(
        explanation.hostEndpoints.map(({ name, effective, because }) => ({ name, effective, because })),
      ).toEqual([
        { name: "node-0000", effective: true, because: 'it is for "*": it governs every interface' },
        {
          name: "node-0000-auto-hep",
          effective: false,
          because: 'node-0000 is for "*" too and has the lower name: Felix uses that one',
        },
      ]);
      expect(explanation.hostEndpoints[0]?.policies.normal).toEqual([
        { tier: "default", policy: "allow-web", directions: ["ingress"] },
      ]);
      const people = await hepctl(["explain", "node-0000-auto-hep"]);
      expect(people.stdout).toContain("Node/node-0000");
      expect(people.stdout).toMatch(/role=web +copied from the Node/);
      expect(people.stdout).toContain("normal 1. default/allow-web (ingress)");
    });

    test("explain of what does not exist is one line and exit code 1", async () => {
      const { code, stdout, stderr } = await hepctl(["explain", "nobody"]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(onlyLine(stderr)).toMatch(/neither a Node nor a HostEndpoint called nobody/);
    });

    test("import and adopt: Calico's automatic endpoints change hands without a gap", async () => {
      await controlPlane().apply([
        aNodeObject({ name: "node-0000", labels: { role: "web" } }),
        ...documentsOf(autoEndpoint),
        ...documentsOf(calicoConfiguration),
      ]);
      const before = (await hostEndpoints())[0];
      const imported = await hepctl(["import"]);
      expect(imported.code).toBe(0);
      const [value] = documentsOf(imported.stdout);
      const checked = parseSettings(value, checkSelector);
      expect(
        checked.ok && checked.settings.endpoints.map((it) => `${it.name} ${it.interface} ${it.nodes}`),
      ).toEqual([
        "{node}-auto-hep * all()",
        "{node}-inner-auto-hep  role == 'web'",
        "{node}-vpn-{interface}-auto-hep * all()",
        "{node}-any-{interface}-auto-hep * all()",
      ]);
      expect(JSON.parse((await hepctl(["import", "-o", "json"])).stdout)).toEqual({
        formatVersion: 1,
        ...value,
      });
      const config = await settingsFile("endpoints: [{name: '{node}-auto-hep'}]\n");
      const { code, stdout } = await hepctl([
        "adopt",
        "node-0000-auto-hep",
        "--yes",
        "-o",
        "json",
        "--config",
        config,
      ]);
      const report = parseAs(reportShape, stdout);
      expect({ code, status: report.status, findings: report.findings }).toEqual({
        code: 0,
        status: "converged",
        findings: [],
      });
      expect(report.actions).toMatchObject([
        { action: "adopt", hostEndpoint: "node-0000-auto-hep", outcome: "applied", reason: "calico-auto" },
      ]);
      const after = (await hostEndpoints())[0];
      expect(after?.metadata["uid"]).toBe(before?.metadata["uid"]);
      expect(JSON.stringify(after)).not.toContain("created-by");
      expect(JSON.stringify(after?.metadata["labels"])).toContain("hostendpoint-reconciler/owner");
      const settled = parseAs(
        reportShape,
        (await hepctl(["reconcile", "--yes", "-o", "json", "--config", config])).stdout,
      );
      // Nothing is left to do but for the person: until the switch is off, Calico makes endpoints of its own.
      expect(settled).toMatchObject({
        status: "withheld",
        counts: { create: 0, delete: 0, foreign: 0 },
        nodes: [{ status: "converged" }],
        findings: [{ code: "calico-auto-host-endpoints" }],
      });
      expect((await hostEndpoints()).map((it) => it.metadata["uid"])).toEqual([before?.metadata["uid"]]);
    });

    test("adopt refuses nothing silently: a missing name, one of ours, and no --yes", async () => {
      await controlPlane().apply([aNodeObject({ name: "node-0000" }), ...documentsOf(autoEndpoint)]);
      const refused = await hepctl(["adopt", "node-0000-auto-hep"]);
      expect({ code: refused.code, line: refused.stderr.trimEnd().split("\n").at(-1) }).toEqual({
        code: 64,
        line: expect.stringContaining("--yes") as unknown,
      });
      const { code, stdout } = await hepctl([
        "adopt",
        "node-0000-auto-hep",
        "missing",
        "--yes",
        "-o",
        "json",
      ]);
      expect(code).toBe(3);
      expect(parseAs(reportShape, stdout)).toMatchObject({
        status: "partial",
        actions: [
          { hostEndpoint: "missing", outcome: "failed", reason: "not-found" },
          { hostEndpoint: "node-0000-auto-hep", outcome: "applied" },
        ],
        findings: [{ code: "not-wanted" }],
      });
      const again = parseAs(
        reportShape,
        (await hepctl(["adopt", "node-0000-auto-hep", "--yes", "-o", "json"])).stdout,
      );
      expect(again.actions).toMatchObject([{ outcome: "no-longer-needed", reason: "owned-already" }]);
    });

    test("release gives traffic back, removes what we own and nothing else", async () => {
      await controlPlane().apply([...someNodeObjects(2), ...documentsOf(autoEndpoint)]);
      await hepctl(["reconcile", "--yes"]);
      expect((await hepctl(["release"])).code).toBe(64);
      const one = await hepctl(["release", "--node", "node-0001", "--yes", "-o", "json"]);
      expect({ code: one.code, deleted: parseAs(reportShape, one.stdout).counts.delete }).toEqual({
        code: 0,
        deleted: 1,
      });
      expect((await hepctl(["release", "--yes"])).code).toBe(0);
      expect((await hostEndpoints()).map((it) => it.metadata.name)).toEqual(["node-0000-auto-hep"]);
    });

    test("rbac prints what it says, for kubectl and for programs", async () => {
      const [yaml, json, probe] = await Promise.all([
        runHepctl(["rbac"]),
        runHepctl(["rbac", "-o", "json"]),
        runHepctl(["rbac", "--with", "probe"]),
      ]);
      expect(documentsOf(yaml.stdout)).toEqual(JSON.parse(JSON.stringify(rbacObjects())));
      expect(parseAs(manifestsShape, json.stdout)).toMatchObject({
        kind: "List",
        items: documentsOf(yaml.stdout),
      });
      expect(probe.stdout).toContain("nodes/proxy");
    });

    test("everything works by KUBECONFIG too, as with kubectl", async () => {
      await controlPlane().apply(someNodeObjects(1));
      expect((await runHepctl(["plan"], { environment: { KUBECONFIG: kubeconfig() } })).stdout).toContain(
        "1 to create",
      );
    });
  },
);
