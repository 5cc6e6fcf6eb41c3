/**
 * Scenario 16: label forgery. Given a kubelet sets `role=bastion` on itself and `role` is not allow-listed, then the
 * HostEndpoint does not gain it and a finding is raised.
 */
import { expect, test } from "@jest/globals";
import { aGlobalNetworkPolicy } from "../builders/a-guard-request.ts";
import { aNodeObject } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const allowAll = [{ action: "Allow" }];
const bastion = aGlobalNetworkPolicy("bastion", {
  selector: "role == 'bastion'",
  types: ["Ingress"],
  ingress: allowAll,
});
const settings = {
  endpoints: [{ labels: { include: ["kubernetes\\.io/", "node-restriction\\.kubernetes\\.io/"] } }],
};

describeScenario("scenario 16: label forgery", (world) => {
  test("the endpoint does not gain the label, and a finding names node, label and policy", async () => {
    await world().put([aNodeObject({ name: "node-0" }), bastion]);
    await world().run({ settings });
    await world().put([aNodeObject({ name: "node-0", labels: { role: "bastion" } })]);
    const { report } = await world().run({ settings });
    expect((await world().endpoint("node-0")).labels).not.toHaveProperty("role");
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        severity: "warning",
        code: "label-not-copied",
        object: "Node/node-0",
        message: expect.stringContaining("role=bastion"),
      }),
    );
  });

  test("a label that only an administrator may set gets through, without a finding", async () => {
    const restricted = aGlobalNetworkPolicy("restricted", {
      selector: "node-restriction.kubernetes.io/role == 'bastion'",
      types: ["Ingress"],
      ingress: allowAll,
    });
    await world().put([
      aNodeObject({ name: "node-0", labels: { "node-restriction.kubernetes.io/role": "bastion" } }),
      restricted,
    ]);
    const { report } = await world().run({ settings });
    expect((await world().endpoint("node-0")).labels).toHaveProperty(
      ["node-restriction.kubernetes.io/role"],
      "bastion",
    );
    expect(report.findings.map((it) => it.code)).not.toContain("label-not-copied");
  });
});
