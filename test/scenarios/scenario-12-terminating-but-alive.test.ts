/**
 * Scenario 12: terminating but alive. Given that "shutting-down" arrives while the node is still Ready and draining, then
 * the endpoint stays until the node is really gone.
 */
import { expect, test } from "@jest/globals";
import type { Instance } from "../../lib/model/instance.ts";
import type { InstanceTrigger } from "../../lib/model/trigger.ts";
import type { InstanceReader } from "../../lib/ports/aws.ts";
import { aNodeObject, instanceIdFor, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const name = "node-0001";
const instanceId = instanceIdFor(name);
const ec2 = (state: Instance["state"], privateDnsName = name): InstanceReader => ({
  describeInstances: () =>
    Promise.resolve([{ instanceId, state, privateDnsName, availabilityZone: "eu-west-1a", clusters: [] }]),
});
const event = (change: InstanceTrigger["change"]): InstanceTrigger => ({
  kind: "instance",
  instanceId,
  change,
});

describeScenario("scenario 12: terminating but alive", (world) => {
  test("the endpoint stays while the Node is there, through every event and sweep, and goes with it", async () => {
    await world().put(someNodeObjects(4));
    await world().settle();
    const { uid } = await world().endpoint(name);
    await world().put([
      aNodeObject({ name, taints: ["node.kubernetes.io/unschedulable", "karpenter.sh/disrupted"] }),
    ]);
    await world().controlPlane.requests.reset();

    await world().run({ triggers: [event("interrupted")], instances: ec2("running") });
    await world().run({ triggers: [event("terminating")], instances: ec2("shutting-down") });
    await world().put([aNodeObject({ name, ready: "Unknown", taints: ["node.kubernetes.io/unreachable"] })]);
    await world().run({
      triggers: [event("terminating"), event("gone")],
      instances: ec2("shutting-down", ""),
    });
    await world().run({ triggers: [event("gone")], instances: ec2("terminated", "") });
    await world().run();
    expect((await world().endpoint(name)).uid).toBe(uid);
    expect(await world().writes()).toEqual([]);

    await world().removeNodes(name);
    await world().run({ triggers: [event("gone")], instances: ec2("terminated", "") });
    expect(await world().endpointNames()).toEqual(["node-0000", "node-0002", "node-0003"]);
  });
});
