/**
 * Scenario 15: steady state is silent. Given 1,000 nodes that heartbeat for an hour, then the endpoints are written zero
 * times. The hour is twelve resyncs, five minutes apart; between them kubelets write status, and controllers write what
 * they write on Nodes all the time (annotations, conditions, images, cordons), on a hundred other nodes each time.
 */
import { expect, test } from "@jest/globals";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const fleet = someNodeObjects(1_000, { labels: { "topology.kubernetes.io/zone": "eu-west-1a" } });
const resyncs = 12;

async function heartbeat(world: World, minute: number): Promise<void> {
  const { admin } = world.controlPlane;
  const at = new Date(Date.parse("2026-11-22T12:00:00Z") + minute * 60_000).toISOString();
  const part = fleet.filter((_, index) => index % resyncs === minute % resyncs);
  await admin.forEach(part, async ({ metadata: { name } }) => {
    await admin.patch(`/api/v1/nodes/${name}/status`, {
      status: {
        conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: at, lastTransitionTime: at }],
        images: [{ names: [`example.com/app:${minute}`], sizeBytes: minute }],
      },
    });
    await admin.patch(`/api/v1/nodes/${name}`, {
      metadata: { annotations: { "csi.volume.kubernetes.io/nodeid": `{"minute":${minute}}` } },
      spec: { unschedulable: minute % 2 === 0 },
    });
  });
}

describeScenario("scenario 15: steady state is silent", (world) => {
  test("an hour of heartbeats on 1,000 nodes: no write, and every run says so", async () => {
    await world().put(fleet);
    await world().settle();
    const before = await world().endpoints();
    expect(before).toHaveLength(1_000);
    await world().controlPlane.requests.reset();
    for (let resync = 0; resync < resyncs; resync++) {
      await heartbeat(world(), resync);
      const { report } = await world().run();
      expect(report).toMatchObject({
        status: "converged",
        actions: [],
        counts: { unchanged: 1_000, protected: 1_000 },
      });
    }
    expect(await world().writes()).toEqual([]);
    expect((await world().endpoints()).map((it) => it.resourceVersion)).toEqual(
      before.map((it) => it.resourceVersion),
    );
  });
});
