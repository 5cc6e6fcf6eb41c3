/**
 * Scenario 17: addresses. Given IPv4-only, IPv6-only and dual-stack nodes, custom networking with a secondary network
 * interface, and a Node status that flaps to a pod's address, then `expectedIPs` holds exactly the node's own addresses each
 * time, sorted, without flapping, in the one `expectedIPs` field.
 */
import { expect, test } from "@jest/globals";
import type { NodeAddress } from "../../lib/model/node.ts";
import type { InstanceReader } from "../../lib/ports/aws.ts";
import { anInstance } from "../builders/an-instance.ts";
import { aNodeObject, type NodeSketch } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const internal = (...addresses: readonly string[]): readonly NodeAddress[] =>
  addresses.map((address) => ({ type: "InternalIP", address }));
const byAddress = "ip-10-0-1-5.eu-west-1.compute.internal";
const byInstance = "i-0123456789abcdef0.eu-west-1.compute.internal";
const told = (addresses: string) => ({ annotations: { "alpha.kubernetes.io/provided-node-ip": addresses } });

const fleet: readonly (readonly [string, NodeSketch, readonly string[]])[] = [
  ["IPv4 only", { name: byAddress, addresses: internal("10.0.1.5") }, ["10.0.1.5"]],
  [
    "IPv4 only, named after the instance",
    { name: byInstance, addresses: internal("10.0.1.5") },
    ["10.0.1.5"],
  ],
  ["IPv6 only", { name: byInstance, addresses: internal("2001:db8:0:0:1::5") }, ["2001:db8::1:0:0:5"]],
  [
    "IPv6 only, with a name that spells IPv4",
    { name: byAddress, addresses: internal("2001:db8::5") },
    ["2001:db8::5"],
  ],
  [
    "dual stack",
    { name: byAddress, addresses: internal("10.0.1.5", "2001:db8::5") },
    ["10.0.1.5", "2001:db8::5"],
  ],
  [
    "dual stack, IPv6 first",
    { name: byInstance, addresses: internal("2001:db8::5", "10.0.1.5") },
    ["10.0.1.5", "2001:db8::5"],
  ],
  [
    "with a public address, which nobody but EC2 could confirm",
    { name: byAddress, addresses: [...internal("10.0.1.5"), { type: "ExternalIP", address: "203.0.113.9" }] },
    ["10.0.1.5"],
  ],
  [
    "with a public address, on a machine that is not AWS's",
    {
      name: "elsewhere",
      providerId: "openstack:///0a1b",
      addresses: [...internal("10.0.1.5"), { type: "ExternalIP", address: "203.0.113.9" }],
    },
    ["10.0.1.5", "203.0.113.9"],
  ],
  [
    "custom networking: addresses of the secondary interface and of pods are listed too",
    { name: byAddress, addresses: internal("100.64.3.7", "10.0.1.5", "100.64.3.8") },
    ["10.0.1.5"],
  ],
  [
    "the kubelet was told which address is the node's",
    { name: byInstance, ...told("10.0.1.5"), addresses: internal("100.64.3.7", "10.0.1.5") },
    ["10.0.1.5"],
  ],
];

describeScenario("scenario 17: addresses", (world) => {
  test.each(fleet)("%s", async (_name, sketch, expected) => {
    const node = aNodeObject(sketch);
    await world().put([node]);
    await world().settle();
    const { name } = node.metadata;
    const stored = await world().controlPlane.admin.get(
      `/apis/crd.projectcalico.org/v1/hostendpoints/${name}`,
    );
    expect(stored["spec"]).toMatchObject({ expectedIPs: expected });
    expect(Object.keys(stored["spec"] as object).sort()).toEqual([
      "expectedIPs",
      "interfaceName",
      "node",
      "profiles",
    ]);
  });

  test.each([
    ["named after its address", { name: byAddress }],
    ["told its address", { name: byInstance, ...told("10.0.1.5") }],
  ])(
    "a status that flaps to a pod's address, reorders or goes empty writes nothing (%s)",
    async (_name, sketch) => {
      await world().put([aNodeObject({ ...sketch, addresses: internal("10.0.1.5") })]);
      await world().settle();
      await world().controlPlane.requests.reset();
      for (const flap of [
        ["100.64.3.7"],
        ["10.0.1.5", "100.64.3.7"],
        ["100.64.3.7", "10.0.1.5"],
        [],
        ["10.0.1.5"],
      ]) {
        await world().put([aNodeObject({ ...sketch, addresses: internal(...flap) })]);
        await world().run();
        expect((await world().endpoint(sketch.name)).expectedIPs).toEqual(["10.0.1.5"]);
      }
      expect(await world().writes()).toEqual([]);
    },
  );

  test("the same for a node whose name and kubelet say nothing: EC2 is asked, and only while it is open", async () => {
    const sketch = { name: byInstance, providerId: "aws:///eu-west-1a/i-0123456789abcdef0" };
    let asked = 0;
    const instances: InstanceReader = {
      describeInstances: (ids) => {
        asked += 1;
        return Promise.resolve(ids.map((it) => anInstance({ instanceId: it, privateIPv4: "10.0.1.5" })));
      },
    };
    const flap = async (...addresses: readonly string[]) => {
      await world().put([aNodeObject({ ...sketch, addresses: internal(...addresses) })]);
      await world().run({ instances });
      expect((await world().endpoint(byInstance)).expectedIPs).toEqual(["10.0.1.5"]);
    };
    await flap("100.64.3.7", "10.0.1.5");
    expect(asked).toBe(1);
    await world().controlPlane.requests.reset();
    await flap("10.0.1.5");
    expect(asked).toBe(1);
    await flap("100.64.3.7");
    await flap("100.64.3.8", "100.64.3.7", "10.0.1.5");
    await flap();
    expect(asked).toBe(3);
    expect(await world().writes()).toEqual([]);
  });

  test("only addresses inside `cidrs`, of the asked types, and nothing that is no address", async () => {
    await world().put([
      aNodeObject({
        name: "bare-metal-1",
        providerId: "metal://1",
        addresses: [
          ...internal("10.0.1.5", "192.168.7.7", "10.0.1.5", "not-an-address", "10.0.1.0/24"),
          { type: "ExternalIP", address: "203.0.113.9" },
        ],
      }),
    ]);
    await world().run({ settings: { endpoints: [{ addresses: ["InternalIP"], cidrs: ["10.0.0.0/8"] }] } });
    expect((await world().endpoint("bare-metal-1")).expectedIPs).toEqual(["10.0.1.5"]);
  });
});
