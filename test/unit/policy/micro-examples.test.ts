import { describe, expect, test } from "@jest/globals";
import { judgePrecedence } from "../../../lib/explain/judge-precedence.ts";
import { listPolicies } from "../../../lib/explain/list-policies.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { aWorld } from "../../builders/a-world.ts";
import { CLIENT, DEFAULT_ALLOW, NODES, aPod, aPolicy, aTier, anEndpoint, flowOf } from "./worlds.ts";

const tcp = (
  port: number,
  action = "Allow",
): { action: string; protocol: string; destination: { ports: number[] } } => ({
  action,
  protocol: "TCP",
  destination: { ports: [port] },
});
const ingress = (...rules: object[]): KubernetesObject =>
  aPolicy({ types: ["Ingress"], ingress: rules as never });
const toPort80FromY: Flow = { ...flowOf("in tcp/80"), source: { ip: "192.0.2.20" } };
const remote = anEndpoint({ node: "y", expectedIPs: [] }, "y", { role: "db" });
const forward: Flow = {
  node: "x",
  direction: "forward",
  interface: "cali1",
  outInterface: "eth0",
  protocol: "tcp",
  source: { ip: "10.0.0.1" },
  destination: { ip: CLIENT, port: 80 },
};
const loopback: Flow = {
  node: "x",
  direction: "local",
  protocol: "tcp",
  source: { ip: "127.0.0.1" },
  destination: { ip: "127.0.0.1", port: 8080 },
};
const toOwnPod: Flow = {
  ...flowOf("out tcp/80"),
  interface: "cali1",
  destination: { ip: "10.0.0.1", port: 80 },
};
const pods = [aPod("a", "10.0.0.1"), aPod("b", "10.0.0.2")];
const wildcard = anEndpoint({ interfaceName: "*" });
const viaService: Flow = {
  ...flowOf("out tcp/443"),
  destination: { ip: "10.96.0.1", port: 443 },
  dnat: { ip: "192.0.2.1", port: 6443 },
};
const noFailsafes: KubernetesObject = {
  apiVersion: "crd.projectcalico.org/v1",
  kind: "FelixConfiguration",
  metadata: { name: "default" },
  spec: { failsafeInboundHostPorts: [] },
};

type Row = readonly [
  number: number,
  objects: readonly KubernetesObject[],
  asks: readonly (readonly [Flow | string, string, string])[],
];

/** docs/calico.md 22, in its order. */
const TABLE: readonly Row[] = [
  [
    1,
    [anEndpoint()],
    [
      ["in tcp/22", "allow", "failsafe"],
      ["in tcp/80", "deny", "no-profile"],
      ["out udp/53", "allow", "failsafe"],
      ["out tcp/53", "deny", "no-profile"],
      ["out tcp/443", "deny", "no-profile"],
    ],
  ],
  [
    2,
    [anEndpoint(), ingress(tcp(80))],
    [
      ["in tcp/80", "allow", "rule"],
      ["in tcp/443", "deny", "end-of-tier"],
      ["out tcp/443", "deny", "no-profile"],
    ],
  ],
  [
    3,
    [anEndpoint(DEFAULT_ALLOW), ingress(tcp(80))],
    [
      ["out tcp/443", "allow", "profile"],
      ["in tcp/443", "deny", "end-of-tier"],
    ],
  ],
  [4, [anEndpoint(DEFAULT_ALLOW), aPolicy({ ingress: [tcp(80)] })], [["out tcp/443", "deny", "end-of-tier"]]],
  [5, [anEndpoint(DEFAULT_ALLOW), ingress(tcp(9090, "Deny"))], [["in tcp/9091", "deny", "end-of-tier"]]],
  [
    6,
    [
      anEndpoint(DEFAULT_ALLOW),
      aTier("t", { defaultAction: "Pass" }),
      aPolicy({ tier: "t", types: ["Ingress"], ingress: [tcp(9090, "Deny")] }),
    ],
    [
      ["in tcp/9091", "allow", "profile"],
      ["in tcp/9090", "deny", "rule"],
    ],
  ],
  [
    7,
    [anEndpoint(DEFAULT_ALLOW), ingress(tcp(80, "Pass"))],
    [
      ["in tcp/80", "allow", "profile"],
      ["in tcp/81", "deny", "end-of-tier"],
    ],
  ],
  [
    8,
    [
      anEndpoint(),
      aPolicy({ order: 10, types: ["Ingress"], ingress: [{ action: "Deny" }] }, "a"),
      aPolicy({ order: 10, types: ["Ingress"], ingress: [{ action: "Allow" }] }, "a-b"),
    ],
    [["in tcp/80", "allow", "rule"]],
  ],
  [
    9,
    [anEndpoint(), aPolicy({ tier: "ghost", types: ["Ingress"], ingress: [tcp(80)] })],
    [
      ["in tcp/80", "allow", "rule"],
      ["in tcp/81", "deny", "end-of-tier"],
    ],
  ],
  [
    10,
    [anEndpoint(DEFAULT_ALLOW), aPolicy({ namespaceSelector: "env != 'prod'", types: ["Ingress"] })],
    [["in tcp/80", "deny", "end-of-tier"]],
  ],
  [
    11,
    [anEndpoint(), ingress({ action: "Allow", source: { notNets: ["fd00::/8"] } })],
    [["in tcp/80", "deny", "end-of-tier"]],
  ],
  [
    12,
    [anEndpoint(), remote, ingress({ action: "Allow", source: { selector: "role == 'db'" } })],
    [[toPort80FromY, "deny", "end-of-tier"]],
  ],
  [
    13,
    [anEndpoint(), remote, ingress({ action: "Allow", source: { notSelector: "role == 'db'" } })],
    [[toPort80FromY, "allow", "rule"]],
  ],
  [14, [anEndpoint(), ...pods], [[forward, "allow", "pod-or-forward"]]],
  [
    15,
    [
      wildcard,
      ...pods,
      aPolicy({
        selector: "role == 'web'",
        applyOnForward: true,
        types: ["Ingress"],
        ingress: [{ action: "Deny" }],
      }),
    ],
    [[{ ...forward, outInterface: "cali2", destination: { ip: "10.0.0.2", port: 80 } }, "deny", "rule"]],
  ],
  [
    16,
    [wildcard, ...pods],
    [
      [loopback, "deny", "no-profile"],
      [toOwnPod, "allow", "host-to-own-pod"],
    ],
  ],
  [
    17,
    [anEndpoint(), aPolicy({ preDNAT: true, applyOnForward: true, types: ["Ingress"], ingress: [tcp(80)] })],
    [
      ["in tcp/80", "allow", "rule"],
      ["in tcp/81", "deny", "no-profile"],
    ],
  ],
  [
    19,
    [
      wildcard,
      aPolicy({ doNotTrack: true, applyOnForward: true, types: ["Ingress"], ingress: [{ action: "Deny" }] }),
    ],
    [
      ["in tcp/22", "allow", "failsafe"],
      ["in tcp/80", "deny", "no-profile"],
    ],
  ],
  [20, [anEndpoint(), noFailsafes], [["in tcp/22", "deny", "no-profile"]]],
  [
    21,
    [anEndpoint({ ports: [{ name: "web", port: 80, protocol: "6" }] })],
    [["in tcp/80", "allow", "not-governed"]],
  ],
  [
    22,
    [anEndpoint()],
    [
      [viaService, "allow", "failsafe"],
      ["out tcp/443", "deny", "no-profile"],
    ],
  ],
];

describe("worked examples of docs/calico.md 22", () => {
  test.each(
    TABLE.flatMap(([number, objects, asks]) => asks.map((ask) => [number, objects, ...ask] as const)),
  )("number %i: %#", (_number, objects, ask, verdict, reason) => {
    const flow = typeof ask === "string" ? flowOf(ask) : ask;
    const answer = verdictFor(aWorld([...NODES, ...objects]), flow, { path: true });
    expect(answer.verdict).toBe(verdict);
    if (reason !== "pod-or-forward") expect(answer.reason).toBe(reason);
    expect(answer.path.length).toBeGreaterThan(0);
  });

  test("number 18: an untracked request whose answer nobody allows is a broken flow", () => {
    const untracked = aPolicy({
      doNotTrack: true,
      applyOnForward: true,
      types: ["Ingress"],
      ingress: [tcp(80)],
    });
    const answer = verdictFor(aWorld([...NODES, anEndpoint(), untracked]), toPort80FromY);
    expect(answer).toMatchObject({ verdict: "allow", reason: "rule", reply: { verdict: "deny" } });
  });

  test("number 23: labels of the metadata annotation win", () => {
    const endpoint = anEndpoint({}, "h", { role: "db" });
    const annotations = { "projectcalico.org/metadata": JSON.stringify({ labels: { role: "web" } }) };
    const world = aWorld([
      ...NODES,
      { ...endpoint, metadata: { ...endpoint.metadata, annotations } },
      aPolicy({ selector: "role == 'db'" }),
    ]);
    const known = world.endpoints.get("h");
    expect(known === undefined ? undefined : listPolicies(world, known).normal).toEqual([]);
  });

  test("number 24: the lowest name governs the interface, however it matched", () => {
    const world = aWorld([...NODES, anEndpoint({ interfaceName: "" }, "a"), anEndpoint({}, "b")]);
    const node = world.nodes.get("x");
    const judged = ["a", "b"].map((name) =>
      node === undefined ? undefined : judgePrecedence(world, node, name),
    );
    expect(judged).toMatchObject([
      { effective: true, because: expect.stringContaining("has the lowest name") },
      { effective: false, because: expect.stringContaining("a matches") },
    ]);
  });
});
