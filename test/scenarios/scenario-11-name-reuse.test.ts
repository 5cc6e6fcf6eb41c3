/**
 * Scenario 11: name reuse. Given an endpoint for `ip-10-0-1-5` of machine A with `tier=db`, when a new machine B registers
 * under that name with `tier=web`, then the endpoint is rewritten in place: `tier=db` does not apply to B after the run, and
 * no moment exists without an endpoint (the object keeps its UID, and a watch sees no deletion).
 */
import { expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { NODE_UID_ANNOTATION, PROVIDER_ID_ANNOTATION } from "../../lib/names/names.ts";
import { aNodeObject, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const name = "ip-10-0-1-5.eu-west-1.compute.internal";
const machineA = aNodeObject({
  name,
  labels: { tier: "db" },
  providerId: "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa",
});
const machineB = aNodeObject({
  name,
  labels: { tier: "web" },
  providerId: "aws:///eu-west-1a/i-0bbbbbbbbbbbbbbbb",
});

async function replaceMachine(world: World): Promise<void> {
  await world.removeNodes(name);
  await world.put([machineB]);
}

async function uidOfNode(world: World): Promise<unknown> {
  return (await world.controlPlane.admin.get(`/api/v1/nodes/${name}`)).metadata["uid"];
}

describeScenario("scenario 11: name reuse", (world) => {
  test.each([
    ["a sweep", {}],
    ["an event", { triggers: [{ kind: "nodes", nodes: [name] }] as const }],
  ])("%s rewrites the endpoint in place for the new machine", async (_name, options) => {
    await world().put([machineA, ...someNodeObjects(2)]);
    await world().settle();
    const before = await world().endpoint(name);
    expect(before.labels["tier"]).toBe("db");
    await replaceMachine(world());
    await world().controlPlane.requests.reset();

    await world().run(options);
    const after = await world().endpoint(name);
    expect(after.uid).toBe(before.uid);
    expect(after.labels["tier"]).toBe("web");
    expect(after.annotations).toMatchObject({
      [NODE_UID_ANNOTATION]: await uidOfNode(world()),
      [PROVIDER_ID_ANNOTATION]: "aws:///eu-west-1a/i-0bbbbbbbbbbbbbbbb",
    });
    expect(await world().writes()).toEqual([`update ${name}`]);
  });

  test("a machine that registers right before its predecessor's endpoint is deleted keeps it", async () => {
    await world().put([machineA, ...someNodeObjects(2)]);
    await world().settle();
    const before = await world().endpoint(name);
    await world().removeNodes(name);
    world().network.fail({
      path: new RegExp(`/nodes/${name}$`),
      call: 1,
      as: { kind: "delay", milliseconds: 700 },
    });
    const running = world().run();
    await sleep(350);
    await world().put([machineB]);
    await running;
    expect((await world().endpoint(name)).uid).toBe(before.uid);
    await world().run();
    expect((await world().endpoint(name)).labels["tier"]).toBe("web");
  });

  test("a machine that registers between the proof and the deletion finds an endpoint all the same", async () => {
    await world().put([machineA, ...someNodeObjects(2)]);
    await world().settle();
    await world().removeNodes(name);
    world().network.fail({ method: "DELETE", call: 1, as: { kind: "delay", milliseconds: 700 } });
    const running = world().run();
    await waitFor(() => world().network.requests.at(-1)?.method === "DELETE");
    await world().put([machineB]);
    await running;
    expect(await world().endpointNames()).toContain(name);
    await world().run();
    expect((await world().endpoint(name)).labels["tier"]).toBe("web");
  });
});

async function waitFor(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; !isSo(); attempt++) {
    if (attempt === 500) throw new Error("it never happened");
    await sleep(10);
  }
}
