/**
 * Scenario 21: foreign and automatic endpoints. Given a user's endpoint with the name that we would use, and
 * `<node>-auto-hep` on another node, then neither is changed, both are reported with which endpoint Felix uses, and taking
 * one over needs to be asked for by name.
 */
import { expect, test } from "@jest/globals";
import { adopt } from "../../lib/adopt/adopt.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../../lib/names/names.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { aNodeObject, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const [taken, shared, free] = ["node-0000", "node-0001", "node-0002"] as const;
const users = aHostEndpointObject({ name: taken, owner: null, profiles: [], labels: { mine: "yes" } });
const automatic = aHostEndpointObject({
  name: `${shared}-auto-hep`,
  node: shared,
  owner: null,
  labels: { [CALICO_CREATED_BY_LABEL]: "calico-kube-controllers" },
});
const others = aHostEndpointObject({
  name: "another-1",
  node: free,
  owner: "another-installation",
});

async function foreign(world: World) {
  return (await world.endpoints()).filter((it) => it.labels[OWNER_LABEL] !== "hostendpoint-reconciler");
}

describeScenario("scenario 21: foreign and automatic endpoints", (world) => {
  test("neither is changed, both are reported with the one that Felix uses", async () => {
    await world().put([...someNodeObjects(3), users, automatic, others]);
    const before = await foreign(world());
    const { report } = await world().run();

    expect(await foreign(world())).toEqual(before);
    expect(await world().endpointNames()).toEqual(["another-1", taken, shared, `${shared}-auto-hep`, free]);
    expect(report).toMatchObject({
      status: "withheld",
      counts: { foreign: 3, create: 2, protected: expect.any(Number) },
    });
    expect(report.nodes).toContainEqual(
      expect.objectContaining({ node: taken, status: "withheld", reason: "foreign-host-endpoint" }),
    );
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: "foreign-host-endpoint",
        object: `HostEndpoint/${taken}`,
        message: expect.stringContaining("Felix uses it as it is"),
        fix: expect.stringContaining(`hepctl adopt ${taken}`),
      }),
    );
    for (const [object, inForce] of [
      [`${shared}-auto-hep`, shared],
      ["another-1", "another-1"],
    ] as const)
      expect(report.findings).toContainEqual(
        expect.objectContaining({
          object: `HostEndpoint/${object}`,
          message: expect.stringContaining(`Felix uses ${inForce} (the lowest name)`),
        }),
      );
  });

  test("an endpoint of a node that is gone stays when it is not ours", async () => {
    await world().put([aNodeObject({ name: free }), users, automatic]);
    await world().run();
    expect(await world().endpointNames()).toEqual([taken, `${shared}-auto-hep`, free].sort());
  });

  test("nothing is created beside Calico's own controller while that makes endpoints", async () => {
    const controllers = {
      apiVersion: "crd.projectcalico.org/v1",
      kind: "KubeControllersConfiguration",
      metadata: { name: "default" },
      spec: { controllers: { node: { hostEndpoint: { autoCreate: "Enabled" } } } },
    };
    await world().put([...someNodeObjects(3), automatic, controllers]);
    const { report } = await world().run();
    expect(await world().endpointNames()).toEqual([`${shared}-auto-hep`]);
    expect(report.status).toBe("withheld");
    expect(report.findings).toContainEqual(
      expect.objectContaining({ severity: "error", code: "calico-auto-host-endpoints" }),
    );
  });

  test("taking over is explicit: the named endpoint becomes ours in place, the other stays foreign", async () => {
    await world().put([...someNodeObjects(3), users, automatic]);
    await world().run();
    const { uid } = await world().endpoint(taken);
    const settings = settingsSchema.parse({});
    await world().withGateway((cluster, signal) =>
      adopt({ names: [taken], mode: "apply" }, { settings, cluster }, signal),
    );
    expect((await world().run()).report.status).toBe("converged");
    const adopted = await world().endpoint(taken);
    expect(adopted).toMatchObject({
      uid,
      interfaceName: "*",
      labels: { [OWNER_LABEL]: "hostendpoint-reconciler" },
    });
    expect(adopted.labels["mine"]).toBeUndefined();
    expect((await foreign(world())).map((it) => it.name)).toEqual([`${shared}-auto-hep`]);
  });
});
