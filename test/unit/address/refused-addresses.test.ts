/** What no node has is in no endpoint, whoever lists it; through the whole sentence, and said in a finding. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Instance } from "../../../lib/model/instance.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { NetworkFacts } from "../../../lib/model/network-facts.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { rememberInstances } from "../../../lib/aws/remember-instances.ts";
import { someSettings } from "../../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { anApiServerSlice } from "../../builders/an-endpoint-slice.ts";
import { anInstance } from "../../builders/an-instance.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { lawRuns } from "../law-runs.ts";

const signal = new AbortController().signal;
const MARK = { "node-role.kubernetes.io/control-plane": "" };
const services: KubernetesObject = {
  apiVersion: "networking.k8s.io/v1",
  kind: "ServiceCIDR",
  metadata: { name: "kubernetes" },
  spec: { cidrs: ["10.96.0.0/12", "fd00:10:96::/112"] },
};
const internal = (...addresses: readonly string[]) =>
  addresses.map((address) => ({ type: "InternalIP" as const, address }));
const external = (...addresses: readonly string[]) =>
  addresses.map((address) => ({ type: "ExternalIP" as const, address }));
const bare = (name: string, more: Parameters<typeof aNodeObject>[0]) =>
  aNodeObject({ name, providerId: `kind://docker/kind/${name}`, ...more });

async function run(
  objects: readonly KubernetesObject[],
  { network, instances }: { network?: NetworkFacts; instances?: readonly Instance[] } = {},
  cluster = createInMemoryCluster({ objects }),
) {
  let now = Date.parse("2026-11-24T00:00:00Z");
  const asked: string[][] = [];
  const reader = rememberInstances(
    {
      describeInstances: (ids) => (
        asked.push([...ids]),
        Promise.resolve((instances ?? []).filter((it) => ids.includes(it.instanceId)))
      ),
    },
    { now: () => now },
  );
  const once = async () => {
    const { report } = await reconcile(
      { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
      {
        settings: someSettings(),
        cluster: cluster.gateway,
        clock: { now: () => now, sleep: () => Promise.resolve() },
        ...(network === undefined ? {} : { network: { read: () => Promise.resolve(network) } }),
        ...(instances === undefined ? {} : { instances: reader }),
      },
      signal,
    );
    const endpoints = await cluster.gateway.listHostEndpoints(CALICO_V1, signal);
    const has = Object.fromEntries(endpoints.map((it) => [it.node, it.expectedIPs]));
    return { has, findings: report.findings, asked };
  };
  return { ...(await once()), again: once, pass: (milliseconds: number) => (now += milliseconds) };
}

describe("the API servers' addresses and the Services'", () => {
  const slice = anApiServerSlice(["10.0.7.7"], 6_443);
  test.each([
    ["beside its own", internal("10.0.66.6", "10.0.7.7"), "the API server's"],
    ["as a public one", [...internal("10.0.66.6"), ...external("10.0.7.7")], "the API server's"],
    ["spelled otherwise", internal("10.0.66.6", "::ffff:10.0.7.7"), "the API server's"],
    ["a Service's", internal("10.0.66.6", "10.96.0.10"), "in the range of the Services"],
  ])("%s", async (_what, addresses, because) => {
    const { has, findings } = await run([bare("n", { addresses }), slice, services]);
    expect(has).toEqual({ n: ["10.0.66.6"] });
    expect(findings.filter((it) => it.code === "address-refused")).toEqual([
      expect.objectContaining({ object: "Node/n", message: expect.stringContaining(because) as unknown }),
    ]);
  });

  test("whoever serves the API keeps its address: marked, or without another one", async () => {
    const objects = [
      bare("marked", { addresses: internal("10.0.66.6", "10.0.7.7"), labels: MARK }),
      bare("only", { addresses: internal("10.0.7.8") }),
      anApiServerSlice(["10.0.7.7", "10.0.7.8"], 6_443),
    ];
    const { has, findings } = await run(objects);
    expect(has).toEqual({ marked: ["10.0.66.6", "10.0.7.7"], only: ["10.0.7.8"] });
    expect(findings.filter((it) => it.code === "address-refused")).toEqual([]);
  });

  test("on EKS nobody serves it, whatever its labels say", async () => {
    const network = {
      apiServerAccess: { private: true, public: false },
      serviceCidrs: ["172.20.0.0/16"],
      vpcCidrs: ["10.0.0.0/16"],
    };
    const liar = aNodeObject({ name: "n", addresses: internal("10.0.7.7"), labels: MARK });
    const other = aNodeObject({ name: "o", addresses: internal("172.20.0.10") });
    const { has, findings } = await run([liar, other, slice], { network, instances: [] });
    expect(has).toEqual({});
    expect(findings.filter((it) => it.code === "address-refused").map((it) => it.object)).toEqual([
      "Node/n",
      "Node/o",
    ]);
  });
});

describe("public addresses on EC2 need EC2's word", () => {
  const id = "i-0123456789abcdef0";
  const node = (...publicOnes: readonly string[]) =>
    aNodeObject({
      name: "n",
      providerId: `aws:///eu-west-1a/${id}`,
      addresses: [...internal("10.0.1.5"), ...external(...publicOnes)],
    });
  const instance = anInstance({ publicIPv4: "198.51.100.7" });

  test("confirmed: it is written, and nobody is asked again", async () => {
    const first = await run([node("198.51.100.7")], { instances: [instance] });
    expect(first.has).toEqual({ n: ["10.0.1.5", "198.51.100.7"] });
    expect(first.asked).toEqual([[id]]);
    expect((await first.again()).asked).toEqual([[id]]);
  });

  test("unknown to EC2: it is not, it is said, and EC2 is asked once in a quarter of an hour", async () => {
    const first = await run([node("203.0.113.9")], { instances: [instance] });
    expect(first.has).toEqual({ n: ["10.0.1.5"] });
    expect(first.findings).toContainEqual(
      expect.objectContaining({
        code: "address-refused",
        message: "it lists ExternalIP 203.0.113.9 (unknown to EC2): no endpoint gets it for this node",
      }),
    );
    expect((await first.again()).asked).toHaveLength(1);
    first.pass(16 * 60_000);
    expect((await first.again()).asked).toHaveLength(2);
  });

  test("nobody to ask: it waits, and stays where the endpoint of the machine has it", async () => {
    const { has, findings } = await run([node("198.51.100.7")]);
    expect(has).toEqual({ n: ["10.0.1.5"] });
    expect(findings).toContainEqual(expect.objectContaining({ code: "address-refused", object: "Node/n" }));
    const cluster = createInMemoryCluster({ objects: [node("198.51.100.7")] });
    await run([], { instances: [instance] }, cluster);
    const later = await run([], {}, cluster);
    expect(later.has).toEqual({ n: ["10.0.1.5", "198.51.100.7"] });
    expect(later.findings.filter((it) => it.code === "address-refused")).toEqual([]);
  });

  test("a fleet without doubts costs no call", async () => {
    const { has, asked } = await run([node()], { instances: [instance] });
    expect([has, asked]).toEqual([{ n: ["10.0.1.5"] }, []]);
  });
});

test("without EC2 a choice among several is said, with what was taken and why", async () => {
  const node = aNodeObject({ name: "i-0123456789abcdef0", addresses: internal("100.64.3.7", "10.0.1.5") });
  const { has, findings } = await run([node]);
  expect(has).toEqual({ "i-0123456789abcdef0": ["10.0.1.5"] });
  expect(findings.filter((it) => it.code === "address-unconfirmed").map((it) => it.message)).toEqual([
    "it lists 100.64.3.7, 10.0.1.5, and EC2 could not be asked which is its own: 10.0.1.5 was taken because it is the most private one",
  ]);
});

test("somebody else's endpoint with another machine's address is named, with both nodes", async () => {
  const foreign = (name: string, node: string, ...expectedIPs: readonly string[]) =>
    aHostEndpointObject({ name, node, expectedIPs, owner: null });
  const { findings } = await run([
    bare("a", { addresses: internal("10.0.66.1") }),
    bare("b", { addresses: internal("10.0.66.2") }),
    foreign("good", "a", "10.0.66.1"),
    foreign("wrong", "a", "10.0.66.1", "10.0.66.2", "10.9.9.9"),
  ]);
  expect(findings.filter((it) => it.code === "foreign-endpoint-address")).toEqual([
    expect.objectContaining({
      object: "HostEndpoint/wrong",
      message:
        "its expectedIPs name 10.0.66.2 (Node/b has it), 10.9.9.9, which Node/a does not list: rules with selectors take that address for this node",
    }),
  ]);
});

test("law: no endpoint ever has an address of the API servers, of a Service or of no node", async () => {
  const forbidden = ["10.0.7.7", "10.96.0.10", "169.254.169.254", "127.0.0.1", "224.0.0.1", "fd00:10:96::1"];
  const claim = fc.tuple(
    fc.constantFrom("InternalIP" as const, "ExternalIP" as const),
    fc.constantFrom(...forbidden, "10.0.66.7", "fd00::7", "::ffff:10.0.7.7"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(claim, { maxLength: 6 }), async (claims) => {
      const addresses = [...internal("10.0.66.6"), ...claims.map(([type, address]) => ({ type, address }))];
      const { has } = await run([bare("n", { addresses }), anApiServerSlice(["10.0.7.7"], 6_443), services]);
      expect((has["n"] ?? []).filter((it) => !["10.0.66.6", "10.0.66.7", "fd00::7"].includes(it))).toEqual(
        [],
      );
      expect(has["n"]).toContain("10.0.66.6");
    }),
    { numRuns: lawRuns(300) },
  );
});
