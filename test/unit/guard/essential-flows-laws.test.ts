/**
 * The laws of the guard, checked by asking the policy engine about whole worlds: with the endpoints as they are, and after
 * every prefix of the writes that the guard lets through. Nothing of lib/guard but its answer is used to judge it.
 */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Action } from "../../../lib/model/plan.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { EVERY_VERSION, isInRanges, type CalicoVersion } from "../../../lib/policy/version/calico-version.ts";
import { compilePolicies } from "../../../lib/policy/world/compile-policies.ts";
import { attachModelEndpoints } from "../../../lib/policy/world/attach-model-endpoints.ts";
import type { CompiledPolicies } from "../../../lib/policy/world/world.ts";
import {
  aDesiredHostEndpoint,
  aHostEndpoint,
  type HostEndpointSketch,
} from "../../builders/a-host-endpoint.ts";
import {
  aFelixConfiguration,
  aGlobalNetworkPolicy,
  aGuardRequest,
  aTier,
} from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";

const NODES = ["node-0", "node-1", "node-2", "node-3"] as const;
const ADDRESS = new Map(NODES.map((name) => [name, `10.0.0.${Number(name.slice(-1)) + 1}`]));

const role = fc.constantFrom("db", "web", "edge");
const peer: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant({}),
  fc.record({
    selector: fc.constantFrom("role == 'db'", "role == 'web'", "role != 'db'", "has(role)", "all()"),
  }),
  fc.record({ notSelector: fc.constantFrom("role == 'db'", "has(role)") }),
  fc.record({ nets: fc.constantFrom(["10.0.0.0/30"], ["10.0.0.2/32"], ["169.254.0.0/16"], ["0.0.0.0/0"]) }),
  fc.record({ notNets: fc.constantFrom(["10.0.0.0/8"], ["10.0.0.3/32"]) }),
);
const rule: fc.Arbitrary<JsonObject> = fc
  .record({
    action: fc.constantFrom("Allow", "Allow", "Deny", "Pass", "Log"),
    protocol: fc.constantFrom<string | undefined>("TCP", "UDP", undefined),
    source: peer,
    destination: peer,
    ports: fc.constantFrom<readonly number[] | undefined>(undefined, [53], [443], [5473], [9000], [10250]),
  })
  .map(({ action, protocol, source, destination, ports }) => ({
    action,
    ...(protocol === undefined ? {} : { protocol }),
    ...(Object.keys(source).length === 0 ? {} : { source }),
    ...(Object.keys(destination).length === 0 && (ports === undefined || protocol === undefined)
      ? {}
      : {
          destination: {
            ...destination,
            ...(ports === undefined || protocol === undefined ? {} : { ports }),
          },
        }),
  }));
const policy = fc
  .record({
    selector: fc.constantFrom("all()", "role == 'db'", "role == 'web'", "!has(role)"),
    tier: fc.constantFrom("default", "first"),
    order: fc.integer({ min: 1, max: 3 }),
    types: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
    ingress: fc.array(rule, { maxLength: 3 }),
    egress: fc.array(rule, { maxLength: 3 }),
    applyOnForward: fc.constantFrom(false, false, true),
  })
  .map((spec): JsonObject => spec);
const endpoint = (name: string): fc.Arbitrary<HostEndpointSketch> =>
  fc.record({
    name: fc.constant(name),
    node: fc.constant(name),
    labels: fc.oneof(
      fc.constant({}),
      role.map((it) => ({ role: it })),
    ),
    profiles: fc.constantFrom([], ["projectcalico-default-allow"]),
    interfaceName: fc.constantFrom("*", "*", "eth0"),
  });
const world = fc.record({
  policies: fc.array(policy, { maxLength: 4 }),
  passes: fc.boolean(),
  failsafes: fc.boolean(),
  existing: fc.tuple(...NODES.map((name) => fc.option(endpoint(name)))),
  /** The endpoint of a node that is gone, perhaps with the address of one that lives. */
  stale: fc.option(
    fc.record({ labels: role.map((it) => ({ role: it })), ip: fc.constantFrom("10.0.0.2", "10.0.0.9") }),
  ),
  labels: fc.tuple(
    ...NODES.map(() =>
      fc.oneof(
        fc.constant({}),
        role.map((it) => ({ role: it })),
      ),
    ),
  ),
  profiles: fc.constantFrom([], ["projectcalico-default-allow"]),
  agent: fc.constantFrom(...NODES),
  /** Nodes know the agent by its labels: writes for one node decide about another. */
  byRole: fc.boolean(),
});
const agentsByRole = aGlobalNetworkPolicy("agents", {
  types: ["Ingress"],
  order: 0,
  ingress: [
    {
      action: "Allow",
      protocol: "TCP",
      source: { selector: "role == 'db'" },
      destination: { ports: [9000] },
    },
    { action: "Allow", protocol: "TCP", destination: { notPorts: [9000] } },
    { action: "Allow", notProtocol: "TCP" },
  ],
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function requestFor(it: World, more: readonly KubernetesObject[] = []) {
  return aGuardRequest({
    nodes: NODES.map((name, index) =>
      aNode({
        name,
        labels: it.labels[index] ?? {},
        annotations: {
          "projectcalico.org/Interfaces": JSON.stringify([{ name: "eth0", addresses: [ADDRESS.get(name)] }]),
        },
      }),
    ),
    existing: [
      ...it.existing.filter((sketch) => sketch !== null),
      ...(it.stale === null
        ? []
        : [
            { name: "gone", node: "gone", expectedIPs: [it.stale.ip], labels: it.stale.labels, profiles: [] },
          ]),
    ],
    policies: [
      ...it.policies.map((spec, index) => aGlobalNetworkPolicy(`p${index}`, spec)),
      ...(it.byRole ? [agentsByRole] : []),
      ...more,
    ],
    tiers: [
      aTier("first", { order: 5, defaultAction: it.passes ? "Pass" : "Deny" }),
      aTier("early", { order: 1 }),
    ],
    felix: it.failsafes
      ? []
      : [aFelixConfiguration({ failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] })],
    profiles: it.profiles,
    settings: { limits: { deleteShare: 1 } },
    essentialFlows: [
      {
        id: "agent",
        direction: "ingress",
        protocol: "tcp",
        port: 9000,
        peers: [ADDRESS.get(it.agent) ?? ""],
        nodes: "all()",
        reason: "a test",
      },
    ],
  });
}

/** A few of the essential flows, written out by hand for each node. */
function flowsOf(it: World): readonly Flow[] {
  return NODES.flatMap((node): readonly Flow[] => {
    const own = ADDRESS.get(node) ?? "";
    const agent = ADDRESS.get(it.agent) ?? "";
    const from = (ip: string, protocol: string, port: number): Flow => ({
      node,
      direction: "ingress",
      protocol,
      source: { ip },
      destination: { ip: own, port },
    });
    const to = (ip: string, protocol: string, port: number): Flow => ({
      node,
      direction: "egress",
      protocol,
      source: { ip: own },
      destination: { ip, port },
    });
    return [
      to("52.1.2.3", "tcp", 443),
      to("10.0.200.1", "tcp", 443),
      to("169.254.169.254", "tcp", 80),
      to("169.254.169.253", "tcp", 53),
      to("169.254.169.123", "udp", 123),
      from("10.0.200.1", "tcp", 10_250),
      {
        node,
        direction: "local",
        protocol: "tcp",
        source: { ip: "127.0.0.1" },
        destination: { ip: "127.0.0.1", port: 50_051 },
      },
      ...(own === agent ? [] : [from(agent, "tcp", 9_000)]),
      ...throughPods(node),
    ];
  });
}

/** Between pods of the node and pods elsewhere, and the API server. */
function throughPods(node: string): readonly Flow[] {
  const [here, there] = [{ ip: "10.0.7.7" }, { ip: "10.0.9.9" }];
  const through = { node, direction: "forward" } as const;
  return [
    { ...through, interface: "cali1", protocol: "udp", source: here, destination: { ...there, port: 53 } },
    { ...through, outInterface: "cali1", protocol: "udp", source: there, destination: { ...here, port: 53 } },
    {
      ...through,
      interface: "cali1",
      protocol: "tcp",
      source: here,
      destination: { ip: "10.0.200.1", port: 443 },
    },
  ];
}

function verdictsWith(
  policies: { readonly hosts: CompiledPolicies; readonly pods: CompiledPolicies },
  endpoints: readonly (HostEndpoint | DesiredHostEndpoint)[],
  request: ReturnType<typeof aGuardRequest>,
  flows: readonly Flow[],
) {
  const given = { hostEndpoints: endpoints, nodes: request.snapshot.nodes };
  const hosts = attachModelEndpoints(policies.hosts, given);
  const pods = attachModelEndpoints(policies.pods, given);
  return flows.map((flow) =>
    flow.direction === "forward"
      ? verdictFor(pods, flow, { hostsOnly: true }).verdict
      : verdictFor(hosts, flow).verdict,
  );
}

function applied(endpoints: readonly (HostEndpoint | DesiredHostEndpoint)[], action: Action) {
  const others = endpoints.filter((it) => it.name !== action.name);
  return action.kind === "delete" ? others : [...others, action.desired];
}

function policiesOf(request: ReturnType<typeof aGuardRequest>, versions: readonly CalicoVersion[]) {
  const { globalNetworkPolicies, tiers, felixConfigurations } = request.snapshot.policyObjects;
  const objects = [...globalNetworkPolicies, ...tiers, ...felixConfigurations];
  // Nobody reads pods: whether a selector finds one is not known, before and after.
  return {
    hosts: compilePolicies(objects, { versions }),
    pods: compilePolicies(objects, { versions, unread: ["Pod", "Namespace", "ServiceAccount"] }),
  };
}

function expectNoneCut(
  it: World,
  request: ReturnType<typeof aGuardRequest>,
  actions: readonly Action[],
  versions: readonly CalicoVersion[] = [],
) {
  const flows = flowsOf(it);
  const policies = policiesOf(request, versions);
  let endpoints: readonly (HostEndpoint | DesiredHostEndpoint)[] = request.snapshot.hostEndpoints;
  const before = verdictsWith(policies, endpoints, request, flows);
  for (const action of actions) {
    endpoints = applied(endpoints, action);
    const after = verdictsWith(policies, endpoints, request, flows);
    flows.forEach((flow, index) => {
      if (before[index] === "allow" && after[index] !== "allow")
        throw new Error(`${action.kind} ${action.name} makes ${JSON.stringify(flow)} ${after[index] ?? ""}`);
    });
  }
}

const runs = { numRuns: 400 };
const NAMES = ["allow", "allow-all", "first.allow", "early.deny"];

/** The world of these laws has tiers. */
function hasTiers(version: CalicoVersion): boolean {
  return isInRanges(version, [["3.29.0", undefined]]);
}

describe("laws of the guard", () => {
  test("no prefix of what it lets through turns an essential flow from allowed to denied", () => {
    fc.assert(
      fc.property(world, (it) => {
        const request = requestFor(it);
        expectNoneCut(it, request, guardPlan(request).allowed);
      }),
      runs,
    );
  });

  test("in none of the versions of Calico that may run, whichever it is", () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...EVERY_VERSION.filter(hasTiers)), (it, version) => {
        // Names and orders that versions read differently.
        const tied = it.policies.map((spec, index) => ({ ...spec, order: index % 2 }));
        const request = requestFor(
          { ...it, policies: [] },
          tied.map((spec, index) => aGlobalNetworkPolicy(NAMES[index] ?? "p", spec)),
        );
        expectNoneCut(it, request, guardPlan(request).allowed, [version]);
      }),
      runs,
    );
  });

  test("withholding more of it makes no node worse: any part of it, in any order, is as safe", () => {
    fc.assert(
      fc.property(
        world,
        fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        fc.nat({ max: 8 }),
        (it, order, count) => {
          const request = requestFor(it);
          const allowed = guardPlan(request).allowed.map((action, index) => ({
            action,
            at: order[index] ?? 0,
          }));
          expectNoneCut(
            it,
            request,
            allowed
              .sort((a, b) => a.at - b.at)
              .slice(0, count)
              .map(({ action }) => action),
          );
        },
      ),
      runs,
    );
  });

  test("a policy that allows everything before all others empties the violations", () => {
    const allow = [{ action: "Allow" }];
    const first = aGlobalNetworkPolicy("early.allow-all", {
      tier: "early",
      order: 1,
      types: ["Ingress", "Egress"],
      applyOnForward: true,
      ingress: allow,
      egress: allow,
    });
    fc.assert(
      fc.property(world, (it) => {
        expect(guardPlan(requestFor(it, [first])).withheld).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("the worlds are worth something: many are withheld, and many are let through", () => {
    const sample = fc.sample(world, { numRuns: 200, seed: 7 }).map((it) => guardPlan(requestFor(it)));
    expect(sample.filter((it) => it.withheld.length > 0).length).toBeGreaterThan(40);
    expect(sample.filter((it) => it.allowed.length > 0).length).toBeGreaterThan(40);
  });
});

test("the builders agree on what an endpoint of a node is", () => {
  expect(aDesiredHostEndpoint({ name: "node-1" }).expectedIPs).toEqual(
    aHostEndpoint({ name: "node-1" }).expectedIPs,
  );
});
