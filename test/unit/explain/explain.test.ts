import { describe, expect, test } from "@jest/globals";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { explainNode } from "../../../lib/explain/explain.ts";
import { calicoFacts } from "../../../lib/policy/agent/calico-facts.ts";
import type { HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import type { Node } from "../../../lib/model/node.ts";
import { aCalicoNode } from "../../builders/a-guard-request.ts";
import { aHostEndpoint } from "../../builders/a-host-endpoint.ts";
import { aNode } from "../../builders/a-node.ts";

const settings = settingsSchema.parse({});
const none = {
  globalNetworkPolicies: [],
  tiers: [],
  globalNetworkSets: [],
  felixConfigurations: [],
  daemonSets: [],
};
const calico = calicoFacts(none);
const interfaces = (text: object) => ({ "projectcalico.org/Interfaces": JSON.stringify(text) });
const plain = aNode({ name: "n", addresses: [{ type: "InternalIP", address: "10.0.0.1" }] });
const twoNics = aNode({
  name: "n",
  addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
  annotations: interfaces([
    { name: "eth0", addresses: ["10.0.0.1"] },
    { name: "eth1", addresses: ["10.1.0.1"] },
  ]),
});
const foreign = (name: string, more: object = {}): HostEndpoint =>
  aHostEndpoint({ name, node: "n", owner: null, expectedIPs: ["10.0.0.1"], ...more });

describe("which endpoint Felix uses", () => {
  test.each<[string, Node, readonly HostEndpoint[], Readonly<Record<string, boolean>>]>([
    ["of two for *, the lowest name", plain, [foreign("b"), foreign("a")], { a: true, b: false }],
    [
      "a dash comes before a letter",
      plain,
      [foreign("n"), foreign("n-auto-hep")],
      { n: true, "n-auto-hep": false },
    ],
    [
      "one for an interface beside one for *",
      plain,
      [foreign("a"), foreign("z", { interfaceName: "eth0" })],
      { a: true, z: true },
    ],
    [
      "of two for one interface, the lowest name",
      plain,
      [foreign("a", { interfaceName: "eth0" }), foreign("b", { interfaceName: "eth0" })],
      { a: true, b: false },
    ],
    [
      "by address against by name: the lowest name",
      twoNics,
      [foreign("a", { interfaceName: "" }), foreign("b", { interfaceName: "eth0" })],
      { a: true, b: false },
    ],
    [
      "by address on another interface",
      twoNics,
      [
        foreign("a", { interfaceName: "", expectedIPs: ["10.1.0.1"] }),
        foreign("b", { interfaceName: "eth0" }),
      ],
      { a: true, b: true },
    ],
    [
      "an address that no interface has",
      twoNics,
      [foreign("a", { interfaceName: "", expectedIPs: ["10.9.9.9"] })],
      { a: false },
    ],
    [
      "an interface that the node does not have",
      twoNics,
      [foreign("a", { interfaceName: "eth7" })],
      { a: false },
    ],
    [
      "one that Felix drops",
      plain,
      [foreign("a", { ports: [{ name: "x", port: 80, protocol: 6 }] })],
      { a: false },
    ],
  ])("%s", (_what, node, hostEndpoints, expected) => {
    const { hostEndpoints: explained } = explainNode(
      { node, hostEndpoints, policyObjects: none, calico, network: {} },
      settingsSchema.parse({ endpoints: [{ nodes: "has(nothing)" }] }),
    );
    expect(Object.fromEntries(explained.map((it) => [it.name, it.effective]))).toEqual(expected);
    for (const { because } of explained) expect(because).toMatch(/^\S.*[^.]$/);
  });

  test("the name in Calico's annotation decides, not the resource's", () => {
    const annotated = foreign("z", { annotations: { "projectcalico.org/metadata": '{"name":"a"}' } });
    const { hostEndpoints } = explainNode(
      { node: plain, hostEndpoints: [annotated, foreign("b")], policyObjects: none, calico, network: {} },
      settingsSchema.parse({ endpoints: [{ nodes: "has(nothing)" }] }),
    );
    expect(hostEndpoints.map((it) => `${it.name} ${it.effective}`)).toEqual(["z true", "b false"]);
  });
});

describe("how the endpoint comes about", () => {
  const node = aNode({ name: "n", labels: { role: "web" } });

  test("a missing endpoint is shown as it would be, with where its labels come from", () => {
    const its = settingsSchema.parse({
      endpoints: [{ labels: { set: { tier: "edge" } } }, { name: "x-{node}", nodes: "role == 'db'" }],
    });
    const explanation = explainNode(
      { node, hostEndpoints: [], policyObjects: none, calico, network: {} },
      its,
    );
    expect(explanation.templates.map((it) => `${it.name} ${it.selected}`)).toEqual([
      "{node} true",
      "x-{node} false",
    ]);
    expect(explanation.hostEndpoints).toMatchObject([
      {
        name: "n",
        state: "missing",
        effective: false,
        labelSources: { role: "node", tier: "template", "hostendpoint-reconciler/owner": "owner" },
      },
    ]);
  });

  test.each<[string, HostEndpoint, string]>([
    ["as it should be", aHostEndpoint({ name: "n", node: "n", labels: {} }), "drifted"],
    ["somebody else's", foreign("n"), "foreign"],
    ["ours under a name that nobody wants", aHostEndpoint({ name: "other", node: "n" }), "unwanted"],
  ])("%s", (_what, endpoint, state) => {
    const { hostEndpoints } = explainNode(
      { node, hostEndpoints: [endpoint], policyObjects: none, calico, network: {} },
      settings,
    );
    expect(hostEndpoints[0]?.state).toBe(state);
  });

  test("policies in Felix's order, merged over both directions", () => {
    const policy = (name: string, order: number, types: readonly string[], more: object = {}) => ({
      apiVersion: "crd.projectcalico.org/v1",
      kind: "GlobalNetworkPolicy",
      metadata: { name },
      spec: { selector: "role == 'web'", order, types, ...more },
    });
    const policyObjects = {
      ...none,
      globalNetworkPolicies: [
        policy("second", 20, ["Egress", "Ingress"]),
        policy("first", 10, ["Ingress"], { applyOnForward: true }),
        policy("raw", 5, ["Ingress"], { doNotTrack: true, applyOnForward: true }),
      ],
    };
    const endpoint = aHostEndpoint({ name: "n", node: "n", labels: { role: "web" } });
    const { hostEndpoints } = explainNode(
      { node, hostEndpoints: [endpoint], policyObjects, calico, network: {} },
      settings,
    );
    expect(hostEndpoints[0]?.policies).toEqual({
      untracked: [{ tier: "default", policy: "raw", directions: ["ingress"] }],
      preDNAT: [],
      forward: [{ tier: "default", policy: "first", directions: ["ingress"] }],
      normal: [
        { tier: "default", policy: "first", directions: ["ingress"] },
        { tier: "default", policy: "second", directions: ["ingress", "egress"] },
      ],
    });
  });

  test("flows are told with what the cluster says of its network and of calico-node", () => {
    const endpoint = aHostEndpoint({ name: "n", node: "n", expectedIPs: ["10.0.0.1"], profiles: [] });
    const daemonSets = [
      aCalicoNode([{ name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS", value: "tcp:10.1.0.0/16:443,udp:123" }]),
    ];
    const { flows } = explainNode(
      {
        node: plain,
        hostEndpoints: [endpoint],
        policyObjects: { ...none, daemonSets },
        calico: calicoFacts({ daemonSets }),
        network: {
          apiServers: [{ address: "10.1.7.7", port: 443 }],
          apiServerAccess: { private: true, public: false },
          vpcCidrs: ["10.1.0.0/16"],
        },
      },
      settings,
    );
    const told = Object.fromEntries(flows.map((it) => [it.id, `${it.verdict}: ${it.reason}`]));
    expect(told).toMatchObject({
      "api-server": "allow: failsafe",
      time: "allow: failsafe",
      "dns-udp": "deny: no-profile",
      "path-mtu": "allow: conntrack-related",
    });
    expect(Object.keys(told)).not.toContain("typha-out");
  });

  test("an unfit node says why", () => {
    const windows = aNode({ name: "n", operatingSystem: "windows" });
    expect(
      explainNode({ node: windows, hostEndpoints: [], policyObjects: none, calico, network: {} }, settings)
        .findings,
    ).toMatchObject([{ code: "windows", object: "Node/n" }]);
  });
});
