/** Addresses are read where they can decide something, and only there. */
import { describe, expect, test } from "@jest/globals";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { NetworkFacts } from "../../../lib/model/network-facts.ts";
import { asksForAddresses, readNetworkFacts } from "../../../lib/snapshot/read-network-facts.ts";
import {
  aCalicoNode,
  aFelixConfiguration,
  aGlobalNetworkPolicy,
  aSnapshot,
  type GuardSketch,
} from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";
import { anApiServerSlice } from "../../builders/an-endpoint-slice.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const signal = new AbortController().signal;
const access = { private: true, public: false };

async function read(
  sketch: GuardSketch,
  {
    objects = [anApiServerSlice(["10.0.7.7", "10.0.8.8"])],
    denied = false,
    always = false,
    hasNewAddresses = false,
  }: {
    readonly objects?: readonly KubernetesObject[];
    readonly denied?: boolean;
    readonly always?: boolean;
    readonly hasNewAddresses?: boolean;
  } = {},
) {
  const cluster = createInMemoryCluster({ objects });
  if (denied) cluster.fail({ resource: "endpointslices", as: "forbidden" });
  const asked: boolean[] = [];
  const network = {
    read: ({ addresses }: { readonly addresses: boolean }): Promise<NetworkFacts> => {
      asked.push(addresses);
      return Promise.resolve({
        apiServerAccess: access,
        ...(addresses ? { vpcCidrs: ["10.0.0.0/16"] } : {}),
      });
    },
  };
  const { policyObjects, nodes } = aSnapshot({ nodes: ["a"], ...sketch });
  const facts = await readNetworkFacts(
    { policyObjects, nodes, hasNewAddresses, always },
    { cluster: cluster.gateway, network },
    signal,
  );
  return { facts, asked, requests: cluster.calls.length };
}

const rule = (more: JsonObject): GuardSketch => ({
  policies: [aGlobalNetworkPolicy("p", { ingress: [{ action: "Allow", ...more }] })],
});

test("no rule looks at an address: nothing is asked", async () => {
  expect(await read(rule({ protocol: "TCP", destination: { ports: [22] } }))).toEqual({
    facts: { apiServerAccess: access },
    asked: [false],
    requests: 0,
  });
});

test("a rule names addresses: the API servers and the VPC are asked for", async () => {
  expect(await read(rule({ source: { nets: ["10.0.0.0/8"] } }))).toEqual({
    facts: {
      apiServerAccess: access,
      vpcCidrs: ["10.0.0.0/16"],
      apiServers: [
        { address: "10.0.7.7", port: 443 },
        { address: "10.0.8.8", port: 443 },
      ],
    },
    asked: [true],
    requests: 1,
  });
});

test("whoever writes policies sees them anyway", async () => {
  expect((await read({}, { always: true })).asked).toEqual([true]);
});

test("beside AWS the API server's port is asked for, whatever the rules say", async () => {
  const nodes = [aNode({ name: "a", providerId: "kind://docker/kind/a" })];
  const { facts } = await read({ nodes }, { objects: [anApiServerSlice(["172.18.0.2"], 6_443)] });
  expect(facts.apiServers).toEqual([{ address: "172.18.0.2", port: 6_443 }]);
});

test.each<[string, Parameters<typeof read>[1]]>([
  ["the role may not read it", { denied: true }],
  ["there is none", { objects: [] }],
  ["it names nobody", { objects: [anApiServerSlice([])] }],
])("the EndpointSlice is left out when %s", async (_what, world) => {
  const { facts } = await read(rule({ source: { nets: ["10.0.0.0/8"] } }), world);
  expect(facts).toEqual({ apiServerAccess: access, vpcCidrs: ["10.0.0.0/16"] });
});

describe("what asks for addresses", () => {
  test.each<[string, GuardSketch, boolean]>([
    ["nothing", {}, false],
    ["ports", rule({ destination: { ports: [1], notPorts: [2] } }), false],
    ["nets", rule({ source: { nets: ["10.0.0.0/8"] } }), true],
    ["nets that are excepted", rule({ destination: { notNets: ["10.0.0.0/8"] } }), true],
    ["a selector", rule({ source: { selector: "role == 'db'" } }), true],
    ["a service", rule({ destination: { services: { name: "x", namespace: "y" } } }), true],
    [
      "a failsafe for a net",
      {
        felix: [
          aFelixConfiguration({
            failsafeOutboundHostPorts: [{ protocol: "tcp", port: 443, net: "10.0.0.0/8" }],
          }),
        ],
      },
      true,
    ],
    [
      "a failsafe for everybody",
      { felix: [aFelixConfiguration({ failsafeOutboundHostPorts: [{ protocol: "tcp", port: 443 }] })] },
      false,
    ],
    [
      "failsafes in the environment",
      { daemonSets: [aCalicoNode([{ name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", value: "tcp:22" }])] },
      true,
    ],
    [
      "other variables",
      { daemonSets: [aCalicoNode([{ name: "FELIX_IPV6SUPPORT", value: "false" }])] },
      false,
    ],
  ])("%s: %#", (_what, sketch, expected) => {
    expect(asksForAddresses(aSnapshot(sketch).policyObjects)).toBe(expected);
  });
});

test("a new address: where the API servers are, and the Services' block, which is EKS's to say where EKS is asked", async () => {
  const services = {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: "kubernetes" },
    spec: { cidrs: ["10.96.0.0/12"] },
  };
  const { facts, requests } = await read({}, { objects: [services], hasNewAddresses: true });
  expect([facts.serviceCidrs, requests]).toEqual([["10.96.0.0/12"], 2]);
});
