/**
 * Scenario 1, first half: no policy, first run. Given a cluster with Calico's default FelixConfiguration and no policy, the
 * default settings (allow profile) are safe: the first run writes the endpoints, nobody has to arm anything, and the next
 * run has nothing to do. (That `profiles: []` is withheld is the policy engine's part of the scenario.)
 */
import { expect, test } from "@jest/globals";
import { ALLOW_PROFILE } from "../../lib/names/names.ts";
import { addressFor, aNodeObject, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const at = (address: string) => [{ type: "InternalIP", address }];

describeScenario("scenario 1: no policy, first run", (world) => {
  test("with the default settings the first run protects every Linux node", async () => {
    await world().put([
      ...someNodeObjects(10),
      aNodeObject({ name: "windows-1", operatingSystem: "windows", addresses: at("10.0.9.8") }),
      aNodeObject({
        name: "fargate-ip-10-0-9-9",
        labels: { "eks.amazonaws.com/compute-type": "fargate" },
        addresses: at("10.0.9.9"),
      }),
    ]);
    const { report } = await world().run();

    expect(report).toMatchObject({
      status: "converged",
      stage: "enforce",
      counts: { nodes: 12, protected: 10, unprotected: 0, create: 10, withheld: 0, failed: 0 },
    });
    const endpoints = await world().endpoints();
    expect(endpoints.map((it) => it.name)).toEqual(someNodeObjects(10).map((it) => it.metadata.name));
    for (const endpoint of endpoints)
      expect(endpoint).toMatchObject({
        node: endpoint.name,
        interfaceName: "*",
        expectedIPs: [addressFor(endpoint.name)],
        profiles: [ALLOW_PROFILE],
        labels: { "kubernetes.io/hostname": endpoint.name },
      });
  });

  test("a plan says the same and writes nothing; after the run there is nothing left to plan", async () => {
    await world().put(someNodeObjects(3));
    const planned = await world().run({ mode: "plan" });
    expect(planned.report.actions.map((it) => [it.action, it.outcome])).toEqual(
      Array(3).fill(["create", "planned"]),
    );
    expect(await world().endpoints()).toEqual([]);
    await world().run();
    expect((await world().run({ mode: "plan" })).report).toMatchObject({ actions: [], status: "converged" });
  });
});
