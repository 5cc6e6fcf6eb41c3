/**
 * Scenario 10: normal scale-in. Given one node terminated by Karpenter, when its Node object is gone, then its endpoint goes
 * with the event, or with one sweep where no event came; after a live GET of the Node answered 404, and with the UID that was
 * read as a precondition of the delete (asserted on the wire).
 */
import { expect, test } from "@jest/globals";
import type { InstanceReader } from "../../lib/ports/aws.ts";
import { instanceIdFor, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type RunOptions, type World } from "./world.ts";

const gone = "node-0003";
const instanceId = instanceIdFor(gone);

/** EC2 describes a terminated instance for about an hour, without its DNS name; after that it knows nothing of it. */
const terminated: InstanceReader = {
  describeInstances: () =>
    Promise.resolve([
      { instanceId, state: "terminated", privateDnsName: "", availabilityZone: "eu-west-1a", clusters: [] },
    ]),
};
const forgotten: InstanceReader = { describeInstances: () => Promise.resolve([]) };
const event = { kind: "instance", instanceId, change: "gone" } as const;

const ways: readonly (readonly [string, RunOptions])[] = [
  ["the termination event", { triggers: [event], instances: terminated }],
  ["an event so late that EC2 has forgotten the instance", { triggers: [event], instances: forgotten }],
  ["an event that names the node", { triggers: [{ kind: "nodes", nodes: [gone] }] }],
  ["one sweep without any event", {}],
];

async function fleetWithOneGone(world: World): Promise<string> {
  await world.put(someNodeObjects(6));
  await world.settle();
  const { uid } = await world.endpoint(gone);
  await world.removeNodes(gone);
  await world.controlPlane.requests.reset();
  return uid;
}

describeScenario("scenario 10: normal scale-in", (world) => {
  test.each(ways)("%s removes exactly the endpoint of the node that is gone", async (_name, options) => {
    await fleetWithOneGone(world());
    const { report } = await world().run(options);
    expect(await world().endpointNames()).toEqual([
      "node-0000",
      "node-0001",
      "node-0002",
      "node-0004",
      "node-0005",
    ]);
    expect(await world().writes()).toEqual([`delete ${gone}`]);
    expect(report).toMatchObject({ status: "converged", counts: { delete: 1 } });
  });

  test("the delete follows a GET that answered 404, and carries the UID that was read", async () => {
    const uid = await fleetWithOneGone(world());
    await world().run();
    const requests = await world().controlPlane.requests.list();
    const proof = requests.findIndex(
      (it) => it.verb === "get" && it.resource === "nodes" && it.name === gone,
    );
    const deletion = requests.findIndex((it) => it.verb === "delete");
    expect(requests[proof]).toMatchObject({ status: 404 });
    expect(requests[deletion]).toMatchObject({ name: gone, status: 200 });
    expect(proof).toBeLessThan(deletion);
    const sent = world().network.requests.findLast((it) => it.method === "DELETE");
    expect(JSON.parse(sent?.body ?? "")).toMatchObject({ preconditions: { uid } });
  });

  test("no delete without that 404: a GET that fails leaves the endpoint where it is", async () => {
    await fleetWithOneGone(world());
    world().network.fail({ path: new RegExp(`/nodes/${gone}$`), as: { kind: "status", status: 500 } });
    const { report } = await world().run();
    expect(await world().endpointNames()).toContain(gone);
    expect(report).toMatchObject({ status: "failed", counts: { failed: 1 } });
  });

  test("a delete whose answer is lost is found done by the next run", async () => {
    await fleetWithOneGone(world());
    world().network.fail({ method: "DELETE", as: { kind: "reset-after" } });
    const { report } = await world().run();
    expect(report.status).toBe("failed");
    world().network.heal();
    expect((await world().run()).report).toMatchObject({ status: "converged", actions: [] });
    expect(await world().endpointNames()).not.toContain(gone);
  });
});
