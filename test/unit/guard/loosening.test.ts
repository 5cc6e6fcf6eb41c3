/**
 * What opens a flow that was denied is said. The law asks the policy engine about flows that nobody chose: whatever a change opens,
 * the guard has seen.
 */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { findLoosened, type Denial } from "../../../lib/guard/proof/find-loosened.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { worldOf } from "../../../lib/world/world-of.ts";
import { aGlobalNetworkPolicy, aGuardRequest, aSnapshot } from "../../builders/a-guard-request.ts";
import type { HostEndpointSketch } from "../../builders/a-host-endpoint.ts";
import { aNode } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

const NODES = ["node-0", "node-1", "node-2"] as const;
const addressOf = (name: string) => `10.0.0.${Number(name.slice(-1)) + 1}`;
const node = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  aNode({
    name,
    labels,
    addresses: [{ type: "InternalIP", address: addressOf(name) }],
    annotations: {
      "projectcalico.org/Interfaces": JSON.stringify([
        { name: "eth0", addresses: [addressOf(name)] },
        { name: "eth1", addresses: [addressOf(name).replace("10.0.0", "10.0.1")] },
      ]),
    },
  });

const peers = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.9.9", "198.51.100.7", "203.0.113.5"] as const;
const ports = [22, 53, 80, 443, 8_000, 8_080, 9_000, 40_000] as const;

const end: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant({}),
  fc.record({ selector: fc.constantFrom("role == 'db'", "role == 'web'", "has(role)") }),
  fc.record({ nets: fc.constantFrom(["10.0.0.0/30"], ["198.51.100.0/24"], ["203.0.113.5/32"]) }),
  fc.record({ notNets: fc.constantFrom(["10.0.0.0/8"], ["198.51.100.7/32"]) }),
);
const rule: fc.Arbitrary<JsonObject> = fc.record({
  action: fc.constantFrom("Allow", "Allow", "Deny", "Pass"),
  protocol: fc.constantFrom("TCP", "UDP"),
  source: end,
  destination: fc
    .tuple(
      end,
      fc.constantFrom<JsonObject>({}, { ports: [443] }, { ports: ["8000:8080"] }, { notPorts: [9_000] }),
    )
    .map(([one, other]) => ({ ...one, ...other })),
});
const policy = fc.record({
  selector: fc.constantFrom("all()", "role == 'db'", "role == 'web'", "!has(role)"),
  order: fc.integer({ min: 1, max: 3 }),
  types: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
  ingress: fc.array(rule, { maxLength: 2 }),
  egress: fc.array(rule, { maxLength: 2 }),
});
const endpoint = (name: string): fc.Arbitrary<HostEndpointSketch> =>
  fc.record({
    name: fc.constant(name),
    node: fc.constant(name),
    labels: fc.constantFrom<Record<string, string>>({}, { role: "db" }, { role: "web" }),
    profiles: fc.constantFrom([], ["projectcalico-default-allow"]),
    interfaceName: fc.constantFrom("*", "eth0", "eth1", ""),
    expectedIPs: fc.constantFrom(
      [addressOf(name)],
      [addressOf(name).replace("10.0.0", "10.0.1")],
      ["10.0.9.9"],
    ),
  });
const endpoints = fc.tuple(...NODES.map((it) => fc.option(endpoint(it), { nil: undefined })));
const flow = fc
  .record({
    node: fc.constantFrom(...NODES),
    peer: fc.constantFrom(...peers),
    port: fc.constantFrom(...ports),
    protocol: fc.constantFrom("tcp", "udp"),
    direction: fc.constantFrom("ingress" as const, "egress" as const),
    on: fc.constantFrom("eth0", "eth1"),
  })
  .filter((it) => it.peer !== addressOf(it.node))
  .map(({ node: name, peer, port, protocol, direction, on }): Flow => {
    const own = on === "eth0" ? addressOf(name) : addressOf(name).replace("10.0.0", "10.0.1");
    const [source, destination] = direction === "ingress" ? [peer, own] : [own, peer];
    return {
      node: name,
      direction,
      protocol,
      interface: on,
      source: { ip: source },
      destination: { ip: destination, port },
    };
  });

test("law: whatever flow a change opens, the node is found, with an example that is one", () => {
  const nodes = NODES.map((it) => node(it));
  fc.assert(
    fc.property(
      fc.array(policy, { maxLength: 3 }),
      endpoints,
      endpoints,
      fc.array(flow, { minLength: 30, maxLength: 30 }),
      fc.constantFrom<Denial>("policy", "any"),
      (policies, before, after, flows, denial) => {
        const objects = policies.map((spec, index) => aGlobalNetworkPolicy(`p${index}`, spec as JsonObject));
        const world = (existing: typeof before) =>
          worldOf(
            aSnapshot({ nodes, policies: objects, existing: existing.filter((it) => it !== undefined) }),
          );
        const [was, is] = [world(before), world(after)];
        const found = findLoosened(was, is, { nodes, denial });
        for (const it of flows) {
          const old = verdictFor(was, it, { hostsOnly: true });
          const isCounted =
            denial === "any" || old.decidedBy.policy !== undefined || old.reason === "end-of-tier";
          if (old.verdict !== "deny" || !isCounted) continue;
          if (verdictFor(is, it, { hostsOnly: true }).verdict === "allow")
            expect([...found.keys()]).toContain(it.node);
        }
        for (const [name, example] of found) {
          expect(example.flow.node).toBe(name);
          expect(example.before.verdict).toBe("deny");
          expect(example.after.verdict).not.toBe("deny");
        }
      },
    ),
    { numRuns: lawRuns(150) },
  );
});

describe("the rule", () => {
  const frontend = aGlobalNetworkPolicy("frontend", {
    selector: "role == 'frontend'",
    order: 1,
    types: ["Ingress"],
    ingress: [{ action: "Deny", protocol: "TCP", destination: { ports: [9_999] } }, { action: "Allow" }],
  });
  const request = (existing: HostEndpointSketch, settings: Readonly<Record<string, unknown>>) =>
    aGuardRequest({
      nodes: [node("node-0", { role: "frontend", tier: "a" })],
      policies: [frontend],
      existing: [{ node: "node-0", name: "node-0", expectedIPs: [addressOf("node-0")], ...existing }],
      settings,
    });
  const labels = {
    role: "frontend",
    tier: "a",
    "kubernetes.io/hostname": "node-0",
    "kubernetes.io/os": "linux",
  };

  test("withholds what the settings open, with an example, and lets it go once it is accepted", () => {
    const asked = request({ labels }, { endpoints: [{ labels: { exclude: ["role"] } }] });
    const { withheld, findings } = guardPlan(asked);
    expect(withheld.map((it) => it.violation.reason)).toEqual(["loosens"]);
    expect(withheld[0]?.violation.detail).toMatch(/denied by policy frontend: ingress tcp port 9999/);
    expect(findings).toContainEqual(expect.objectContaining({ code: "loosens", object: "Node/node-0" }));
    const accepted = guardPlan({ ...asked, acceptLoosening: true });
    expect(accepted.withheld).toEqual([]);
    expect(accepted.findings.map((it) => it.code)).toContain("loosens");
  });

  test("follows a label that the Node has lost", () => {
    const { withheld } = guardPlan(request({ labels: { ...labels, zone: "gone" } }, {}));
    expect(withheld).toEqual([]);
  });

  test("an interface that is not governed any more is seen", () => {
    const { withheld } = guardPlan(
      request({ labels, interfaceName: "*" }, { endpoints: [{ interface: "eth0" }] }),
    );
    expect(withheld.map((it) => it.violation.reason)).toEqual(["loosens"]);
    expect(withheld[0]?.violation.detail).toContain("on eth1");
  });

  test("a first creation and what stays as it is need no word", () => {
    const first = aGuardRequest({ nodes: [node("node-0", labels)], policies: [frontend] });
    expect(guardPlan(first)).toMatchObject({ withheld: [], allowed: [{ kind: "create" }] });
  });
});
