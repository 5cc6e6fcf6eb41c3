import { describe, expect, test } from "@jest/globals";
import { parseSettings } from "../../../lib/config/settings.ts";
import { buildDesired, endpointsWantedBy } from "../../../lib/desired/build-desired.ts";
import type { Node } from "../../../lib/model/node.ts";
import { aNode, type NodeSketch } from "../../builders/a-node.ts";

const interfaces = (...list: readonly unknown[]) => ({
  "projectcalico.org/Interfaces": JSON.stringify(list),
});
const node = (sketch: NodeSketch = {}) =>
  aNode({ name: "n", addresses: [{ type: "InternalIP", address: "10.0.1.1" }], ...sketch });

function parse(...endpoints: readonly object[]) {
  const parsed = parseSettings({ endpoints }, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings.endpoints;
}
function desired(nodes: readonly Node[], ...endpoints: readonly object[]) {
  return buildDesired({
    scope: { kind: "cluster" },
    nodes,
    templates: parse(...endpoints),
    owner: "us",
  }).nodes;
}
function addresses(sketch: NodeSketch, ...sources: readonly string[]) {
  const [first] = desired([node(sketch)], { addresses: sources });
  return first?.kind === "wanted" ? first.endpoints[0]?.expectedIPs : first;
}

describe("addresses that calico-node wrote", () => {
  const all = {
    "projectcalico.org/IPv4Address": "10.0.9.1/24",
    "projectcalico.org/IPv6Address": "fd00::9/64",
    "projectcalico.org/IPv4IPIPTunnelAddr": "10.244.0.1",
    "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.0.2",
    "projectcalico.org/IPv6VXLANTunnelAddr": "fd01::2",
    "projectcalico.org/IPv4WireguardInterfaceAddr": "10.244.0.3",
    "projectcalico.org/IPv6WireguardInterfaceAddr": "fd01::3",
    ...interfaces(
      { name: "ens5", addresses: ["10.0.1.1", "fe80::1"] },
      { name: "ens6", addresses: ["10.0.2.1"] },
    ),
  };

  test.each([
    [["Bgp"], ["10.0.9.1", "fd00::9"]],
    [["Tunnel"], ["10.244.0.1", "10.244.0.2", "10.244.0.3", "fd01::2", "fd01::3"]],
    [["Interfaces"], ["10.0.1.1", "10.0.2.1"]],
    [
      ["InternalIP", "Interfaces"],
      ["10.0.1.1", "10.0.2.1"],
    ],
    [["InternalIP"], ["10.0.1.1"]],
  ])("%j gives %j", (sources, expected) => {
    expect(addresses({ annotations: all }, ...sources)).toEqual(expected);
  });

  test.each([
    ["a family in the other's place", { "projectcalico.org/IPv6Address": "10.0.9.1" }],
    ["a tunnel with a mask", { "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.0.1/32" }],
    ["loopback", interfaces({ name: "lo", addresses: ["127.0.0.1"] })],
    ["no list", { "projectcalico.org/Interfaces": '{"name":"ens5"}' }],
    ["no JSON", { "projectcalico.org/Interfaces": "[" }],
    ["no text", interfaces({ name: 5, addresses: [7, null] }, "ens5", null)],
  ])("%s is none", (_what, annotations) => {
    expect(addresses({ annotations }, "InternalIP", "Bgp", "Tunnel", "Interfaces")).toEqual(["10.0.1.1"]);
  });

  test("nobody gets what another Node lists, or an older one claims", () => {
    const claims = (address: string) => interfaces({ name: "ens6", addresses: [address] });
    const older = node({ createdAt: "2026-01-01T00:00:00Z", annotations: claims("10.0.2.1") });
    const victim = aNode({ name: "v", addresses: [{ type: "InternalIP", address: "10.0.3.3" }] });
    const thief = (address: string) =>
      aNode({
        name: "a-thief",
        createdAt: "2026-02-01T00:00:00Z",
        addresses: [{ type: "InternalIP", address: "10.0.1.2" }],
        annotations: claims(address),
      });
    for (const address of ["10.0.2.1", "10.0.3.3"]) {
      const nodes = [thief(address), older, victim];
      const entry = { addresses: ["InternalIP", "Interfaces"] };
      const made = desired(nodes, entry).flatMap((it) => (it.kind === "wanted" ? it.endpoints : []));
      expect(made.map((it) => it.expectedIPs)).toEqual([
        ["10.0.1.2"],
        ["10.0.1.1", "10.0.2.1"],
        ["10.0.3.3"],
      ]);
      const anew = endpointsWantedBy(thief(address), parse(entry), "us", nodes);
      expect(anew[0]?.expectedIPs).toEqual(["10.0.1.2"]);
    }
  });
});

describe("interfacePattern", () => {
  const entry = { name: "{node}-{interface}", interfacePattern: "^ens" };
  const twoCards = interfaces(
    { name: "ens5", addresses: ["10.0.1.1"] },
    { name: "ens6" },
    { name: "Ens7", addresses: ["10.0.1.7"] },
    { name: "ens_8", addresses: ["10.0.1.8"] },
    { name: "lo0", addresses: ["10.0.1.9"] },
  );

  test("one endpoint for each interface that matches and can be named, also without addresses", () => {
    const [first] = desired([node({ annotations: twoCards })], entry);
    expect(first).toMatchObject({
      kind: "wanted",
      endpoints: [
        { name: "n-ens5", interfaceName: "ens5", expectedIPs: ["10.0.1.1"] },
        { name: "n-ens6", interfaceName: "ens6", expectedIPs: [] },
      ],
    });
  });

  test("a node that has not said what it has waits; one that has nothing of it is settled", () => {
    expect(desired([node()], entry)).toMatchObject([{ kind: "waiting", reason: "no-address" }]);
    expect(desired([node({ annotations: interfaces() })], entry)).toMatchObject([
      { kind: "unfit", reason: "outside-cidrs" },
    ]);
  });

  test.each([
    [{ interfacePattern: "^ens" }, "endpoints[0].name: must contain {interface}"],
    [{ name: "{node}-{interface}" }, "endpoints[0].name: {interface} needs an interfacePattern"],
    [{ ...entry, interface: "ens5" }, "endpoints[0].interface: give interface or interfacePattern"],
    [{ ...entry, interfacePattern: "(" }, "endpoints[0].interfacePattern: not a regular expression"],
  ])("%j is refused", (settings, problem) => {
    const parsed = parseSettings({ endpoints: [settings] }, () => undefined);
    expect(parsed.ok ? [] : parsed.problems).toEqual([expect.stringContaining(problem)]);
  });
});

describe("cidrs that nothing is inside of", () => {
  test("are a decision: the other entries go on, and without any the node is unfit", () => {
    const outside = { name: "{node}-vpc", interface: "", cidrs: ["10.0.1.77/32"] };
    expect(desired([node()], {}, outside)).toMatchObject([
      { kind: "wanted", endpoints: [{ name: "n", expectedIPs: ["10.0.1.1"] }] },
    ]);
    expect(desired([node()], outside)).toMatchObject([{ kind: "unfit", reason: "outside-cidrs" }]);
  });

  test("no address at all is none: it may come", () => {
    const outside = { cidrs: ["10.0.1.77/32"] };
    expect(desired([node({ addresses: [] })], outside)).toMatchObject([
      { kind: "waiting", reason: "no-address" },
    ]);
  });
});

describe("labels from Calico", () => {
  const annotations = {
    "projectcalico.org/labels": JSON.stringify({ rack: "a", tier: "calico", bad: "a b", "/": "x" }),
  };

  test("are read where asked for: Kubernetes wins, and what no endpoint could carry is left out", () => {
    const labels = (from: readonly string[]) => {
      const [first] = desired([node({ annotations, labels: { tier: "node" } })], { labels: { from } });
      return first?.kind === "wanted" ? first.endpoints[0]?.labels : undefined;
    };
    expect(labels(["Node"])).not.toHaveProperty("rack");
    expect(labels(["Node", "Calico"])).toMatchObject({ rack: "a", tier: "node" });
    expect(labels(["Node", "Calico"])).not.toHaveProperty("bad");
  });

  test("count for the selector of the entry", () => {
    const entry = { nodes: "rack == 'a'" };
    expect(desired([node({ annotations })], entry)).toMatchObject([{ reason: "no-template" }]);
    expect(
      desired([node({ annotations })], { ...entry, labels: { from: ["Node", "Calico"] } }),
    ).toMatchObject([{ kind: "wanted" }]);
  });
});

test("a name over 253 characters is hashed as Calico does, under Calico's names only", () => {
  const long = node({ name: `n${"x".repeat(250)}` });
  expect(desired([long], { name: "{node}-auto-hep" })).toMatchObject([
    { kind: "wanted", endpoints: [{ name: expect.stringMatching(/^[a-z0-9]{40,43}-auto-hep$/) }] },
  ]);
  expect(desired([long], { name: "{node}-ours" })).toMatchObject([{ kind: "unfit", reason: "invalid-name" }]);
});
