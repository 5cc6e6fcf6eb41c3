/** EC2 decides what a Node leaves open, and is asked about nothing else. */
import { describe, expect, test } from "@jest/globals";
import { DeniedError } from "../../../lib/model/errors.ts";
import type { Instance } from "../../../lib/model/instance.ts";
import type { Node } from "../../../lib/model/node.ts";
import { chooseAddresses } from "../../../lib/desired/addresses.ts";
import { settleAddresses } from "../../../lib/snapshot/settle-addresses.ts";
import { aHostEndpoint } from "../../builders/a-host-endpoint.ts";
import { anInstance } from "../../builders/an-instance.ts";
import { aNode, type NodeSketch } from "../../builders/a-node.ts";

const signal = new AbortController().signal;
const id = "i-0123456789abcdef0";
const name = `${id}.eu-west-1.compute.internal`;
const sketch = (addresses: readonly string[], more: NodeSketch = {}): Node =>
  aNode({
    name,
    providerId: `aws:///eu-west-1a/${id}`,
    addresses: addresses.map((address) => ({ type: "InternalIP", address })),
    ...more,
  });
const told = (address: string) => ({ "alpha.kubernetes.io/provided-node-ip": address });
async function settle(
  node: Node,
  {
    has,
    uid,
    instances = [anInstance()],
    described = [],
  }: {
    readonly has?: readonly string[];
    readonly uid?: string;
    readonly instances?: readonly Instance[] | "nobody to ask";
    readonly described?: readonly Instance[];
  } = {},
) {
  const asked: string[] = [];
  const reader =
    instances === "nobody to ask"
      ? undefined
      : {
          describeInstances: (ids: readonly string[]) => (asked.push(...ids), Promise.resolve(instances)),
        };
  const hostEndpoints =
    has === undefined
      ? []
      : [
          aHostEndpoint({
            name,
            node: name,
            expectedIPs: has,
            annotations: { "hostendpoint-reconciler/node-uid": uid ?? node.uid },
          }),
        ];
  const [settled] = await settleAddresses(
    { nodes: [node], hostEndpoints, described, network: {}, complete: true, publicAddresses: "wanted" },
    reader,
    signal,
  );
  const choice = { types: ["InternalIP"], cidrs: [] };
  return {
    asked: asked.length,
    addresses: settled === undefined ? [] : chooseAddresses(settled, choice).addresses,
  };
}

describe("nobody is asked", () => {
  test.each<[string, Node, readonly string[] | undefined]>([
    ["one address, no endpoint yet", sketch(["10.0.1.5"]), undefined],
    ["the address that the endpoint has", sketch(["10.0.1.5"]), ["10.0.1.5"]],
    ["the same in another spelling", sketch(["2001:db8:0:0:1::5"]), ["2001:db8::1:0:0:5"]],
    ["one of each family", sketch(["10.0.1.5", "2001:db8::5"]), ["10.0.1.5", "2001:db8::5"]],
    ["a second family appears", sketch(["10.0.1.5", "2001:db8::5"]), ["10.0.1.5"]],
    ["none at all", sketch([]), ["10.0.1.5"]],
    [
      "several, and the kubelet was told the one that the endpoint has",
      sketch(["100.64.3.7", "10.0.1.5"], { annotations: told("10.0.1.5") }),
      ["10.0.1.5"],
    ],
    [
      "several, and the name spells one",
      sketch(["100.64.3.7", "10.0.1.5"], { name: "ip-10-0-1-5.eu-west-1.compute.internal" }),
      undefined,
    ],
    ["several, beside AWS", sketch(["100.64.3.7", "10.0.1.5"], { providerId: "metal://1" }), undefined],
  ])("%s", async (_what, node, has) => {
    expect((await settle(node, has === undefined ? {} : { has })).asked).toBe(0);
  });
});

describe("EC2 decides", () => {
  test.each<[string, readonly string[], readonly string[] | undefined]>([
    ["several addresses", ["100.64.3.7", "10.0.1.5", "100.64.3.8"], undefined],
    ["another one than the endpoint has", ["100.64.3.7"], ["10.0.1.5"]],
    ["several, the endpoint has a wrong one", ["100.64.3.7", "10.0.1.5"], ["100.64.3.7"]],
  ])("%s", async (_what, addresses, has) => {
    expect(await settle(sketch(addresses), has === undefined ? {} : { has })).toEqual({
      asked: 1,
      addresses: ["10.0.1.5"],
    });
  });

  test.each<[string, Node, readonly string[] | undefined, string]>([
    [
      "a kubelet that lists another's address and says that it is this one gets its own",
      sketch(["10.0.1.5", "10.0.9.9"], { annotations: told("10.0.9.9") }),
      undefined,
      "10.0.1.5",
    ],
    [
      "nor does it get it where its endpoint has its own",
      sketch(["10.0.1.5", "10.0.9.9"], { annotations: told("10.0.9.9") }),
      ["10.0.1.5"],
      "10.0.1.5",
    ],
    [
      "told of an address that is on no list",
      sketch(["10.0.1.5"], { annotations: told("203.0.113.9") }),
      undefined,
      "10.0.1.5",
    ],
    [
      "a name that spells another address",
      sketch(["10.0.9.11"], { name: "ip-10-0-9-10.eu-west-1.compute.internal" }),
      undefined,
      "10.0.1.5",
    ],
    [
      "told of another network interface that EC2 says it has",
      sketch(["10.0.1.5", "10.0.2.8"], { annotations: told("10.0.2.8") }),
      undefined,
      "10.0.2.8",
    ],
  ])("%s", async (_what, node, has, expected) => {
    const instances = [anInstance({ addresses: ["10.0.1.5", "10.0.2.8"] })];
    expect(await settle(node, { instances, ...(has === undefined ? {} : { has }) })).toEqual({
      asked: 1,
      addresses: [expected],
    });
  });

  test("in the families that the Node uses", async () => {
    const instances = [anInstance({ ipv6: "2001:db8::5" })];
    expect(await settle(sketch(["2001:db8::7", "2001:db8::5"]), { instances })).toEqual({
      asked: 1,
      addresses: ["2001:db8::5"],
    });
  });

  test("what was described for an event is not asked for again", async () => {
    const node = sketch(["100.64.3.7", "10.0.1.5"]);
    expect(await settle(node, { described: [anInstance()], instances: [] })).toEqual({
      asked: 0,
      addresses: ["10.0.1.5"],
    });
  });
});

describe("nobody can be asked, or EC2 does not know it", () => {
  test.each<[string, readonly Instance[] | "nobody to ask"]>([
    ["nobody to ask", "nobody to ask"],
    ["unknown to EC2", []],
  ])("what the endpoint has stays while the Node lists it (%s)", async (_what, instances) => {
    const node = sketch(["100.64.3.7", "10.0.1.5"]);
    expect((await settle(node, { has: ["10.0.1.5"], instances })).addresses).toEqual(["10.0.1.5"]);
    expect((await settle(node, { has: ["100.64.3.7"], instances })).addresses).toEqual(["100.64.3.7"]);
    // Else the most private one, whatever stands first.
    expect((await settle(node, { instances })).addresses).toEqual(["10.0.1.5"]);
    // Another machine under the same name: nothing of the old one counts.
    expect((await settle(node, { has: ["100.64.3.7"], uid: "old", instances })).addresses).toEqual([
      "10.0.1.5",
    ]);
  });
});

test("whoever may not look at instances sees what the endpoint has", async () => {
  const node = sketch(["100.64.3.7", "10.0.1.5"]);
  const reader = { describeInstances: () => Promise.reject(new DeniedError("no", 403)) };
  const [settled] = await settleAddresses(
    {
      nodes: [node],
      hostEndpoints: [],
      described: [],
      network: {},
      complete: true,
      publicAddresses: "wanted",
    },
    reader,
    signal,
  );
  expect(settled).toEqual({ ...node, unconfirmed: true });
});

test("a failure of EC2 is one", async () => {
  const reader = { describeInstances: () => Promise.reject(new Error("throttled")) };
  await expect(
    settleAddresses(
      {
        nodes: [sketch(["100.64.3.7", "10.0.1.5"])],
        hostEndpoints: [],
        described: [],
        network: {},
        complete: true,
        publicAddresses: "wanted",
      },
      reader,
      signal,
    ),
  ).rejects.toThrow("throttled");
});

test("of two nodes that list one address EC2 says whose it is, even against the older one", async () => {
  const node = (nodeName: string, instanceId: string, createdAt: string, ...addresses: readonly string[]) =>
    sketch(addresses, { name: nodeName, providerId: `aws:///eu-west-1a/${instanceId}`, createdAt });
  const thief = node("i-0a", "i-0a", "2026-11-01T00:00:00Z", "10.0.1.7", "10.0.1.5");
  const owner = node("i-0b", "i-0b", "2026-11-20T00:00:00Z", "10.0.1.5");
  const reader = {
    describeInstances: () =>
      Promise.resolve([
        anInstance({ instanceId: "i-0a", privateIPv4: "10.0.1.7", addresses: ["10.0.1.7"] }),
        anInstance({ instanceId: "i-0b", privateIPv4: "10.0.1.5", addresses: ["10.0.1.5"] }),
      ]),
  };
  const settled = await settleAddresses(
    {
      nodes: [thief, owner],
      hostEndpoints: [],
      described: [],
      network: {},
      complete: true,
      publicAddresses: "wanted",
    },
    reader,
    signal,
  );
  expect(settled.map((it) => it.contested)).toEqual([[{ address: "10.0.1.5", owner: "i-0b" }], undefined]);
  const choice = { types: ["InternalIP"], cidrs: [] };
  expect(settled.map((it) => chooseAddresses(it, choice).addresses)).toEqual([["10.0.1.7"], ["10.0.1.5"]]);
  // Nobody to ask: who was there first, and who does not run has none.
  const [first, second] = await settleAddresses(
    {
      nodes: [thief, owner],
      hostEndpoints: [],
      described: [],
      network: {},
      complete: true,
      publicAddresses: "wanted",
    },
    undefined,
    signal,
  );
  expect([first?.contested, second?.contested]).toEqual([
    undefined,
    [{ address: "10.0.1.5", owner: "i-0a" }],
  ]);
  const gone: Node = { ...thief, ready: "Unknown" };
  const [lost] = await settleAddresses(
    {
      nodes: [gone, owner],
      hostEndpoints: [],
      described: [],
      network: {},
      complete: true,
      publicAddresses: "wanted",
    },
    undefined,
    signal,
  );
  expect(lost?.contested).toEqual([{ address: "10.0.1.5", owner: "i-0b" }]);
});
