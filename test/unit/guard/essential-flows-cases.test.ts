import { describe, expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import {
  aFelixConfiguration,
  aGlobalNetworkPolicy,
  aGuardRequest,
  aTier,
  type GuardSketch,
} from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";

const allow = { action: "Allow" };

function judged(sketch: GuardSketch) {
  const guarded = guardPlan(aGuardRequest(sketch));
  return {
    allowed: guarded.allowed.map((it) => `${it.kind} ${it.name}`),
    withheld: guarded.withheld.map(
      ({ action, violation }) => `${action.kind} ${action.name}: ${violation.reason}`,
    ),
    detail: guarded.withheld[0]?.violation.detail ?? "",
    cut: guarded.findings
      .filter((it) => /^essential-flow/.test(it.code))
      .map((it) => it.message.split(":")[0]),
    findings: guarded.findings,
  };
}

/** Allows both ways what `rules` leave over, so that only they decide. */
function onlyThese(
  name: string,
  ingress: readonly object[],
  egress: readonly object[] = [],
): KubernetesObject {
  return aGlobalNetworkPolicy(name, {
    types: ["Ingress", "Egress"],
    ingress: [...ingress, allow],
    egress: [...egress, allow],
  } as never);
}

describe("IPv6 nodes", () => {
  const six = aNode({
    name: "six",
    addresses: [
      { type: "InternalIP", address: "10.0.9.9" },
      { type: "InternalIP", address: "2600:1f18:1:2::9" },
    ],
  });

  test("default deny cuts neighbour discovery and DHCPv6 on them, and on no IPv4 node", () => {
    const ids = ["neighbour-solicitation-in", "neighbour-advertisement-out", "dhcpv6", "dhcpv6-answer"];
    expect(judged({ nodes: [six], profiles: [] }).cut).toEqual(expect.arrayContaining(ids));
    for (const id of ids) expect(judged({ nodes: ["node-1"], profiles: [] }).cut).not.toContain(id);
  });

  test("a policy for one family alone leaves the other closed", () => {
    const four = aGlobalNetworkPolicy("four", {
      types: ["Ingress", "Egress"],
      ingress: [{ action: "Allow", ipVersion: 4 }],
      egress: [{ action: "Allow", ipVersion: 4 }],
    });
    expect(judged({ nodes: ["node-1"], policies: [four] }).withheld).toEqual([]);
    expect(judged({ nodes: [six], policies: [four] }).withheld).toEqual(["create six: essential-flow-cut"]);
  });
});

test("path MTU discovery belongs to a connection: only untracked policy can stop it", () => {
  const named = { endpoints: [{ interface: "eth0" }] };
  const node = aNode({
    name: "node-1",
    annotations: { "projectcalico.org/Interfaces": '[{"name":"eth0","addresses":["10.0.0.2"]}]' },
  });
  const tracked = onlyThese("no-icmp", [{ action: "Deny", protocol: "ICMP" }]);
  expect(judged({ nodes: [node], policies: [tracked], settings: named }).withheld).toEqual([]);
  const untracked = aGlobalNetworkPolicy("raw", {
    doNotTrack: true,
    applyOnForward: true,
    types: ["Ingress"],
    ingress: [{ action: "Deny", protocol: "ICMP" }],
  });
  expect(judged({ nodes: [node], policies: [untracked], settings: named }).cut).toEqual(["path-mtu"]);
});

test("an endpoint for a named interface of a node that does not name its interfaces may be the one that counts", () => {
  const settings = { endpoints: [{ interface: "eth0", profiles: [] }] };
  expect(judged({ nodes: ["node-1"], settings }).withheld).toEqual([
    expect.stringMatching(/^create node-1: essential-flow-(cut|unknown)$/),
  ]);
  expect(judged({ nodes: ["node-1"], settings: { endpoints: [{ interface: "eth0" }] } }).withheld).toEqual(
    [],
  );
});

describe("a run that knows some nodes only", () => {
  test("does what no other node can change", () => {
    expect(judged({ nodes: ["node-1"], complete: false })).toMatchObject({
      allowed: ["create node-1"],
      withheld: [],
    });
    const bySelector = onlyThese("by-selector", [
      {
        action: "Deny",
        protocol: "TCP",
        source: { selector: "role == 'bad'" },
        destination: { ports: [80] },
      },
    ]);
    expect(judged({ nodes: ["node-1"], policies: [bySelector], complete: false }).withheld).toEqual([]);
  });

  test("withholds what depends on endpoints that it did not read", () => {
    const typha = onlyThese("typha-by-selector", [
      {
        action: "Deny",
        protocol: "TCP",
        source: { notSelector: "has(kubernetes.io/hostname)" },
        destination: { ports: [5473] },
      },
    ]);
    const felix = [aFelixConfiguration({ failsafeInboundHostPorts: [] })];
    expect(judged({ nodes: ["node-1"], policies: [typha], felix, complete: false }).withheld).toEqual([
      "create node-1: essential-flow-unknown",
    ]);
  });
});

test("the address of a node that is gone may leave the sets: nobody talks to it any more", () => {
  const policies = [
    onlyThese("known-only", [
      {
        action: "Deny",
        protocol: "TCP",
        source: { notSelector: "has(kubernetes.io/hostname)" },
        destination: { ports: [5473] },
      },
    ]),
  ];
  const result = judged({
    nodes: ["node-1", "node-2"],
    existing: [{ name: "node-1" }, { name: "node-2" }, { name: "node-9", node: "node-9" }],
    policies,
    felix: [aFelixConfiguration({ failsafeInboundHostPorts: [] })],
    settings: { limits: { deleteShare: 1 } },
  });
  expect(result).toMatchObject({ allowed: ["delete node-9"], withheld: [] });
});

test("what allows goes first, what denies goes last, deletions at the end", () => {
  const { allowed } = judged({
    nodes: ["node-1", "node-2", "node-3"],
    existing: [
      { name: "node-2", profiles: [] },
      { name: "node-3", labels: { old: "label" } },
      { name: "gone", node: "gone" },
    ],
    policies: [
      aGlobalNetworkPolicy("hepa.all", {
        tier: "hepa",
        types: ["Ingress", "Egress"],
        ingress: [allow],
        egress: [allow],
      }),
    ],
    tiers: [aTier("hepa", { order: 1 })],
    settings: { limits: { deleteShare: 1 } },
  });
  expect(allowed).toEqual(["update node-2", "create node-1", "update node-3", "delete gone"]);
});

test("access for engineers is essential when the settings say so", () => {
  const noSsh = onlyThese("no-ssh", [{ action: "Deny", protocol: "TCP", destination: { ports: [22] } }]);
  const felix = [aFelixConfiguration({ failsafeInboundHostPorts: [] })];
  expect(judged({ nodes: ["node-1"], policies: [noSsh], felix }).withheld).toEqual([]);
  expect(
    judged({ nodes: ["node-1"], policies: [noSsh], felix, settings: { access: { ssh: ["192.0.2.0/24"] } } })
      .detail,
  ).toContain("ssh: tcp from 192.0.2.");
});

test("every address of a user's block must get through, not only its first", () => {
  const hole = onlyThese("hole", [
    { action: "Deny", protocol: "TCP", source: { nets: ["192.0.2.77/32"] }, destination: { ports: [9100] } },
  ]);
  const flow = {
    id: "monitoring",
    direction: "ingress",
    protocol: "tcp",
    port: 9100,
    nodes: "all()",
    reason: "metrics",
  } as const;
  expect(
    judged({ nodes: ["node-1"], policies: [hole], essentialFlows: [{ ...flow, peers: ["192.0.2.0/24"] }] })
      .detail,
  ).toContain("192.0.2.77");
  expect(
    judged({ nodes: ["node-1"], policies: [hole], essentialFlows: [{ ...flow, peers: ["192.0.2.0/26"] }] })
      .withheld,
  ).toEqual([]);
});

test("Calico's tunnels between nodes count where nodes have them, and Felix's own allowance for them too", () => {
  const tunnelled = (name: string, last: number) =>
    aNode({
      name,
      addresses: [{ type: "InternalIP", address: `10.0.0.${last}` }],
      annotations: {
        "projectcalico.org/IPv4VXLANTunnelAddr": `10.244.${last}.0`,
        "projectcalico.org/IPv4Address": `10.0.0.${last}/24`,
      },
    });
  const nodes = [tunnelled("node-1", 11), tunnelled("node-2", 12)];
  const { cut } = judged({ nodes, profiles: [] });
  expect(cut).not.toContain("vxlan-in");
  expect(cut).toContain("api-server");
  const off = judged({ nodes, profiles: [], felix: [aFelixConfiguration({ vxlanEnabled: false })] });
  expect(off.cut).toContain("vxlan-in");
});
