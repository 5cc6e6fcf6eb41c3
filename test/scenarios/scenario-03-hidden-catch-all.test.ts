/**
 * Scenario 3: hidden catch-all policy. Given a selector-less log-only GlobalNetworkPolicy (cal#4673), when `plan` runs, then
 * it names that policy, says to how many nodes it will start to apply and that it has no allow rule, and `enforce` refuses.
 */
import { expect, test } from "@jest/globals";
import { aGlobalNetworkPolicy } from "../builders/a-guard-request.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

describeScenario("scenario 3: hidden catch-all policy", (world) => {
  test("plan names it, and enforce refuses", async () => {
    await world().put([
      ...someNodeObjects(37),
      aGlobalNetworkPolicy("log-only", { types: ["Ingress"], ingress: [{ action: "Log" }] }),
    ]);
    const planned = await world().run({ mode: "plan" });
    expect(planned.report.findings).toContainEqual(
      expect.objectContaining({
        code: "policy-starts-to-apply",
        object: "GlobalNetworkPolicy/log-only",
        message: "selector all() will start to apply to 37 nodes, ingress, and has no allow rule for ingress",
      }),
    );
    const { report } = await world().run();
    expect(report).toMatchObject({ status: "withheld", counts: { withheld: 37, create: 0 } });
    expect(report.actions[0]).toMatchObject({
      outcome: "withheld",
      reason: "essential-flow-cut",
      detail: expect.stringContaining("policy log-only applies in tier default"),
    });
    expect(await world().endpointNames()).toEqual([]);
  });

  test("a policy for pods only stays out of it", async () => {
    await world().put([
      ...someNodeObjects(2),
      aGlobalNetworkPolicy("pods-only", {
        selector: "projectcalico.org/orchestrator == 'k8s'",
        types: ["Ingress"],
        ingress: [{ action: "Log" }],
      }),
    ]);
    expect((await world().run()).report).toMatchObject({
      status: "converged",
      counts: { protected: 2 },
      findings: [],
    });
  });
});
