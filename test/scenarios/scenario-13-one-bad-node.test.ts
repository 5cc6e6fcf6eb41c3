/**
 * Scenario 13: one bad node. Given that node 3 of 10 has no addresses and that the endpoint of node 5 is rejected with 422
 * (a cluster's own admission policy does that here), when a run happens, then the other 8 are correct, both are reported by
 * name with the reason, and the run is marked partial.
 */
import { expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { addressFor, aNodeObject, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const [silent, refused] = ["node-0003", "node-0005"] as const;
const others = someNodeObjects(10).filter((it) => it.metadata.name !== silent);
const withoutAddress = aNodeObject({ name: silent, addresses: [{ type: "Hostname", address: silent }] });

/** Admission as a platform team writes it; kube-apiserver answers 422. It takes a moment until the server knows it. */
async function refuseEndpoint(world: World): Promise<void> {
  await world.put([
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "frozen-endpoint" },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["crd.projectcalico.org"],
              apiVersions: ["*"],
              operations: ["CREATE", "UPDATE"],
              resources: ["hostendpoints"],
            },
          ],
        },
        validations: [
          { expression: `object.metadata.name != '${refused}'`, message: "this endpoint is frozen" },
        ],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "frozen-endpoint" },
      spec: { policyName: "frozen-endpoint", validationActions: ["Deny"] },
    },
  ]);
  const { admin } = world.controlPlane;
  const path = "/apis/crd.projectcalico.org/v1/hostendpoints";
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      await admin.request(
        "POST",
        `${path}?dryRun=All`,
        aHostEndpointObject({ name: refused, resourceVersion: "" }),
      );
    } catch (error) {
      if (error instanceof Error && error.message.includes("frozen")) return;
      throw error;
    }
    await sleep(50);
  }
  throw new Error("the admission policy never took effect");
}

describeScenario("scenario 13: one bad node", (world) => {
  test("the other 8 are correct, both are named, the run is partial", async () => {
    await refuseEndpoint(world());
    await world().put([...others, withoutAddress]);
    const { report } = await world().run();

    expect(report).toMatchObject({
      status: "partial",
      counts: { nodes: 10, protected: 8, unprotected: 2, failed: 1 },
    });
    expect(report.nodes.filter((it) => it.status !== "converged")).toEqual([
      expect.objectContaining({ node: silent, status: "waiting", reason: "no-address" }),
      expect.objectContaining({
        node: refused,
        status: "failed",
        reason: "invalid",
        detail: expect.stringContaining("this endpoint is frozen"),
      }),
    ]);
    const endpoints = await world().endpoints();
    expect(endpoints.map((it) => it.name)).toEqual(
      someNodeObjects(10)
        .map((it) => it.metadata.name)
        .filter((it) => it !== silent && it !== refused),
    );
    for (const it of endpoints) expect(it.expectedIPs).toEqual([addressFor(it.name)]);
  });

  test("what was wrong is put right by the next run, and only that", async () => {
    await refuseEndpoint(world());
    const { admin } = world().controlPlane;
    await world().put([...others, withoutAddress]);
    expect((await world().run()).report.status).toBe("partial");
    await admin.remove(
      "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/frozen-endpoint",
    );
    await admin.remove("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/frozen-endpoint");
    await world().put([aNodeObject({ name: silent })]);
    await world().controlPlane.requests.reset();
    for (let attempt = 0; attempt < 50 && (await world().run()).report.status !== "converged"; attempt++)
      await sleep(100);
    expect(await world().endpoints()).toHaveLength(10);
    // More than one attempt on the refused one: the server forgets an admission policy a moment after it is deleted.
    expect(new Set(await world().writes())).toEqual(new Set([`create ${silent}`, `create ${refused}`]));
  });
});
