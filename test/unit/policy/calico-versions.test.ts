import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import {
  EVERY_VERSION,
  MASTER,
  formatCalicoVersion,
  formatCalicoVersions,
  isInRanges,
  parseCalicoVersion,
  type CalicoVersion,
} from "../../../lib/policy/version/calico-version.ts";
import { everyReading } from "../../../lib/policy/version/every-reading.ts";
import { readingsOf } from "../../../lib/policy/version/readings-of.ts";
import { VERSION_RULES } from "../../../lib/policy/version/version-rules.ts";
import { calicoVersionsIn, versionsThatMayRun } from "../../../lib/policy/version/versions-in.ts";
import { aWorld } from "../../builders/a-world.ts";
import { DEFAULT_ALLOW, NODES, aPolicy, aTier, anEndpoint, flowOf } from "./worlds.ts";

const RUNS = { numRuns: Number(process.env["LAW_RUNS"] ?? 1_000) };

const at = (text: string): CalicoVersion => parseCalicoVersion(text) ?? MASTER;
const deny = { types: ["Ingress"], ingress: [{ action: "Deny" }] };
const allow = { types: ["Ingress"], ingress: [{ action: "Allow" }] };
const asV3 = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  apiVersion: "projectcalico.org/v3",
});
const felix = (
  spec: JsonObject,
  name = "default",
  annotations: Readonly<Record<string, string>> = {},
): KubernetesObject => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "FelixConfiguration",
  metadata: { name, annotations },
  spec,
});
const withLabels = (labels: Readonly<Record<string, string>>): KubernetesObject => {
  const endpoint = anEndpoint(DEFAULT_ALLOW);
  const annotations = { "projectcalico.org/metadata": JSON.stringify({ labels }) };
  return { ...endpoint, metadata: { name: "h", annotations } };
};
const agent = (image: string, env: readonly JsonObject[] = [], name = "calico-node"): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name, namespace: "calico-system" },
  spec: { template: { spec: { containers: [{ name: "calico-node", image, env: [...env] }] } } },
});
const information = (calicoVersion: string): KubernetesObject => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "ClusterInformation",
  metadata: { name: "default" },
  spec: { calicoVersion },
});
const udp = (from: string, port: number, sourcePort = port, on = "eth0"): Flow => ({
  node: "x",
  direction: "ingress",
  interface: on,
  protocol: "udp",
  source: { ip: from, port: sourcePort },
  destination: { ip: "192.0.2.10", port },
});
const local = (protocol: string): Flow => ({
  node: "x",
  direction: "local",
  protocol,
  source: { ip: "127.0.0.1" },
  destination: { ip: "127.0.0.1", port: 8080 },
});
const bpf = felix({ bpfEnabled: true });
const wildcard = anEndpoint({ interfaceName: "*", expectedIPs: [] });
const closed = [wildcard, aPolicy(deny, "closed"), bpf];

type Row = readonly [
  what: string,
  objects: readonly KubernetesObject[],
  flow: Flow | string,
  verdicts: Readonly<Record<string, "allow" | "deny">>,
];

/** What each version does, by docs/calico-versions.md. */
const TABLE: readonly Row[] = [
  [
    "equal orders: a before a-b, then a-b before a",
    [anEndpoint(), aPolicy(deny, "a"), aPolicy(allow, "a-b")],
    "in tcp/80",
    { "3.28.5": "deny", "3.31.7": "deny", "3.32.0": "allow", master: "allow" },
  ],
  [
    "spec.tier counts from 3.32 on",
    [
      anEndpoint(),
      aTier("security", { order: 1 }),
      aPolicy({ ...allow, order: 1 }, "open"),
      aPolicy({ ...deny, tier: "security", order: 9 }, "lock"),
    ],
    "in tcp/80",
    { "3.28.5": "allow", "3.31.7": "allow", "3.32.0": "deny" },
  ],
  [
    "the name is the tier from 3.29 to 3.31, even of a tier that does not exist: last, and deny at its end",
    [
      anEndpoint(DEFAULT_ALLOW),
      aPolicy({ types: ["Ingress"], ingress: [] }, "team.ssh"),
      aTier("default", { defaultAction: "Pass" }),
    ],
    "in tcp/80",
    { "3.28.5": "deny", "3.29.0": "deny", "3.31.7": "deny", "3.32.0": "allow" },
  ],
  [
    "no tiers up to 3.28: what passes on has nowhere to go but the profiles",
    [
      anEndpoint(DEFAULT_ALLOW),
      aTier("first", { order: 1 }),
      aPolicy({ types: ["Ingress"], ingress: [{ action: "Pass" }], tier: "first" }, "first.pass"),
      aPolicy(deny, "closed"),
    ],
    "in tcp/80",
    { "3.28.5": "deny", "3.29.0": "deny", "3.32.0": "deny" },
  ],
  [
    "a named port without protocol loses the whole policy up to 3.31",
    [
      anEndpoint(DEFAULT_ALLOW),
      aPolicy({
        types: ["Ingress"],
        ingress: [{ action: "Allow", destination: { ports: ["http"] } }, { action: "Deny" }],
      }),
    ],
    "in tcp/80",
    { "3.26.0": "allow", "3.31.7": "allow", "3.32.0": "deny" },
  ],
  [
    "the same beside notProtocol",
    [
      anEndpoint(DEFAULT_ALLOW),
      aPolicy({
        types: ["Ingress"],
        ingress: [{ action: "Deny", notProtocol: "UDP", source: { notPorts: ["http"] } }],
      }),
    ],
    "in tcp/80",
    { "3.31.7": "allow", "3.32.0": "deny" },
  ],
  [
    "labels that Kubernetes would refuse lose the endpoint up to 3.30.0",
    [withLabels({ role: "web site" }), aPolicy(deny)],
    "in tcp/80",
    { "3.29.7": "allow", "3.30.0": "allow", "3.30.1": "deny", "3.32.1": "deny" },
  ],
  [
    "a configuration for selected nodes has no effect up to 3.31",
    [anEndpoint(), felix({ failsafeInboundHostPorts: [], nodeSelector: "all()" }, "strict")],
    "in tcp/22",
    { "3.29.7": "allow", "3.31.7": "allow", "3.32.0": "deny" },
  ],
  [
    "eBPF of 3.32.0 and 3.32.1 drops WireGuard of somebody else, whatever policy says",
    [anEndpoint({ interfaceName: "*" }), aPolicy(allow), bpf],
    udp("203.0.113.50", 51_820),
    { "3.31.7": "allow", "3.32.0": "deny", "3.32.1": "deny", "3.32.2": "allow", master: "allow" },
  ],
  [
    "on the port that is configured",
    [wildcard, aPolicy(allow), felix({ bpfEnabled: true, wireguardListeningPort: 4500 })],
    udp("203.0.113.50", 4500),
    { "3.31.7": "allow", "3.32.1": "deny" },
  ],
  ["and nothing else", [wildcard, aPolicy(allow), bpf], udp("203.0.113.50", 51_821), { "3.32.1": "allow" }],
  [
    "it does not ask whether there is an endpoint",
    [bpf],
    udp("203.0.113.50", 51_820),
    { "3.31.7": "allow", "3.32.1": "deny" },
  ],
  [
    "nor for other dataplanes",
    [wildcard, aPolicy(allow)],
    udp("203.0.113.50", 51_820),
    { "3.32.1": "allow" },
  ],
  [
    "WireGuard between nodes passes in spite of policy",
    closed,
    udp("192.0.2.20", 51_820),
    { "3.31.7": "allow", "3.32.1": "allow", master: "allow" },
  ],
  [
    "from another port only since 3.32",
    closed,
    udp("192.0.2.20", 51_820, 4000),
    { "3.31.7": "deny", "3.32.1": "allow", master: "allow" },
  ],
  [
    "bonds are data interfaces since 3.28.1",
    closed,
    udp("203.0.113.50", 53, 53, "bond0"),
    { "3.28.0": "allow", "3.28.1": "deny", master: "deny" },
  ],
  [
    "lo is one since 3.27, for UDP",
    closed,
    local("udp"),
    { "3.26.5": "allow", "3.27.0": "deny", master: "deny" },
  ],
  [
    "TCP over lo does not pass the programs by default",
    closed,
    local("tcp"),
    { "3.26.5": "allow", master: "allow" },
  ],
  [
    "without connect-time load balancing it does",
    [wildcard, aPolicy(deny), felix({ bpfEnabled: true, bpfConnectTimeLoadBalancing: "Disabled" })],
    local("tcp"),
    { "3.26.5": "allow", master: "deny" },
  ],
];

describe("what changed between versions", () => {
  test.each(
    TABLE.flatMap(([what, objects, flow, verdicts]) =>
      Object.entries(verdicts).map(([version, verdict]) => ({ what, objects, flow, version, verdict })),
    ),
  )("$what: $version", ({ objects, flow, version, verdict }) => {
    const asked = typeof flow === "string" ? flowOf(flow) : flow;
    const world = aWorld([...NODES, ...objects], { versions: [at(version)] });
    expect(verdictFor(world, asked).verdict).toBe(verdict);
  });

  test.each(Object.entries(VERSION_RULES))("%s changes at versions in order", (_rule, { values }) => {
    const since = values.slice(1).map((it) => at(it[0] ?? ""));
    expect(since).toEqual(EVERY_VERSION.filter((it) => since.some((other) => isSame(it, other))));
  });
});

describe("several versions may run", () => {
  const tied = [...NODES, anEndpoint(), aPolicy(deny, "a"), aPolicy(allow, "a-b")];

  test("where they disagree the verdict is unknown, and says what each does", () => {
    const world = aWorld(tied, { versions: [at("3.31.7"), at("3.32.1")] });
    expect(verdictFor(world, flowOf("in tcp/80"))).toMatchObject({
      verdict: "unknown",
      reason: "calico-version",
      readings: [
        { calico: "v3.32.1", verdict: "allow", decidedBy: { policy: "a-b" } },
        { calico: "v3.31.7", verdict: "deny", decidedBy: { policy: "a" } },
      ],
    });
    expect(verdictFor(world, flowOf("in tcp/80"), { path: true }).path.at(-1)).toContain("v3.31.7: deny");
  });

  test("where they agree it is that of the newest", () => {
    const world = aWorld(tied, { versions: EVERY_VERSION });
    expect(verdictFor(world, flowOf("out tcp/80"))).toEqual(verdictFor(aWorld(tied), flowOf("out tcp/80")));
  });

  test("a world that feels no difference is compiled once", () => {
    const world = aWorld([...NODES, anEndpoint(), aPolicy(allow, "allow"), aPolicy(deny, "deny")], {
      versions: EVERY_VERSION,
    });
    expect(world.otherReadings).toEqual([]);
  });

  test("where kube-proxy decides between iptables and nftables, only what differs between them is unknown", () => {
    const outOfNowhere: Flow = {
      ...flowOf("out icmp/0"),
      destination: { ip: "198.51.100.1" },
      icmp: { type: 3, code: 1 },
    };
    const objects = [...NODES, anEndpoint(), aPolicy({ types: ["Egress"], egress: [{ action: "Deny" }] })];
    const verdicts = (
      calico: string,
      kubeProxy: "iptables" | "nftables" | "unknown",
      spec: JsonObject = {},
    ) => {
      const world = aWorld([...objects, felix(spec)], { versions: [at(calico)], kubeProxy });
      return [outOfNowhere, flowOf("out tcp/80")].map((it) => verdictFor(world, it).verdict);
    };
    expect(verdicts("3.32.1", "iptables")).toEqual(["deny", "deny"]);
    expect(verdicts("3.32.1", "nftables")).toEqual(["allow", "deny"]);
    expect(verdicts("3.32.1", "unknown")).toEqual(["unknown", "deny"]);
    expect(verdicts("3.32.1", "unknown", { nftablesMode: "Disabled" })).toEqual(["deny", "deny"]);
    expect(verdicts("3.31.7", "nftables")).toEqual(["deny", "deny"]);
    expect(verdicts("3.31.7", "nftables", { nftablesMode: "Auto" })).toEqual(["deny", "deny"]);
    expect(verdicts("3.31.7", "iptables", { nftablesMode: "Enabled" })).toEqual(["allow", "deny"]);
    expect(verdicts("3.28.5", "iptables", { nftablesMode: "Enabled" })).toEqual(["deny", "deny"]);
  });
});

/** Worlds full of what versions read differently. */
const name = fc.constantFrom(
  "a",
  "a-b",
  "a.b",
  "default.a",
  "team.a",
  "team.a-b",
  "b",
  "ossg.x",
  "kbanp.baselineadminnetworkpolicy.x",
);
const rule = fc.record(
  {
    action: fc.constantFrom("Allow", "Deny", "Pass"),
    protocol: fc.constantFrom("TCP", "UDP"),
    notProtocol: fc.constant("UDP"),
    destination: fc.constantFrom<JsonObject>(
      { ports: ["http"] },
      { ports: ["http"], nets: ["192.0.2.0/24"] },
      {},
    ),
    source: fc.constantFrom<JsonObject>({ selector: "zone == 'x'" }, { notPorts: ["http"] }, {}),
  },
  { requiredKeys: ["action"] },
);
const policy = fc
  .record(
    {
      tier: fc.constantFrom("default", "team", "ghost"),
      order: fc.constantFrom(1, 2),
      types: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
      ingress: fc.array(rule, { maxLength: 2 }),
      egress: fc.array(rule, { maxLength: 2 }),
      doNotTrack: fc.constantFrom(false, false, true),
    },
    { requiredKeys: [] },
  )
  .chain((spec) =>
    fc.record({
      object: name.map((it) => aPolicy(spec as unknown as JsonObject, it)),
      asServed: fc.constantFrom("v1", "v1", "v3", "staged"),
    }),
  )
  .map(({ object, asServed }) =>
    asServed === "v3"
      ? asV3(object)
      : asServed === "staged"
        ? { ...object, kind: "StagedGlobalNetworkPolicy" }
        : object,
  );
const configuration = fc
  .record({
    name: fc.constantFrom("default", "node.x", "strict"),
    spec: fc.record(
      {
        bpfEnabled: fc.boolean(),
        nftablesMode: fc.constantFrom("Enabled", "Disabled", "Auto"),
        failsafeInboundHostPorts: fc.constantFrom<JsonObject[]>([], [{ protocol: "tcp", port: 80 }]),
        wireguardListeningPort: fc.constant(80),
        nodeSelector: fc.constant("all()"),
      },
      { requiredKeys: [] },
    ),
  })
  .map((it) => felix(it.spec as unknown as JsonObject, it.name));
const set = fc
  .constantFrom<Readonly<Record<string, string>>>({ zone: "x" }, { zone: "x", bad: "not valid" })
  .map((labels): KubernetesObject => ({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "GlobalNetworkSet",
    metadata: { name: "set", annotations: { "projectcalico.org/metadata": JSON.stringify({ labels }) } },
    spec: { nets: ["198.51.100.0/24"] },
  }));
const endpoint = fc.constantFrom(
  anEndpoint(),
  anEndpoint({ ...DEFAULT_ALLOW, ports: [{ name: "http", protocol: "TCP", port: 80 }] }),
  anEndpoint({ interfaceName: "*", expectedIPs: ["192.0.2.10"] }),
  withLabels({ role: "web" }),
  withLabels({ "role of it": "web" }),
);
const world = fc
  .record({
    policies: fc.uniqueArray(policy, { maxLength: 5, selector: (it) => `${it.kind} ${it.metadata.name}` }),
    tiers: fc.subarray([
      aTier("team", { order: 1 }),
      aTier("default", { defaultAction: "Pass" }),
      aTier("baselineadminnetworkpolicy", { order: 10_000_000, defaultAction: "Pass" }),
    ]),
    configurations: fc.uniqueArray(configuration, { maxLength: 2, selector: (it) => it.metadata.name }),
    sets: fc.array(set, { maxLength: 1 }),
    endpoint,
  })
  .map((it) => [...NODES, it.endpoint, ...it.policies, ...it.tiers, ...it.configurations, ...it.sets]);
const flow = fc.constantFrom<Flow>(
  flowOf("in tcp/80"),
  flowOf("in udp/80"),
  flowOf("out tcp/80"),
  flowOf("in tcp/22"),
  udp("192.0.2.20", 80),
  udp("203.0.113.50", 80, 80, "bond0"),
  local("udp"),
);

describe("laws", () => {
  test("a reading says of every flow what each of its versions says alone", () => {
    fc.assert(
      fc.property(world, flow, fc.constantFrom(...EVERY_VERSION), (objects, asked, version) => {
        const readings = everyReading(aWorld(objects, { versions: EVERY_VERSION }));
        const own = readings.filter((it) => it.policies.versions.some((other) => isSame(other, version)));
        const alone = aWorld(objects, { versions: [version] });
        const told = own.map((it) => verdictFor({ ...it, otherReadings: [] }, asked));
        expect(told).toEqual([verdictFor(alone, asked)]);
      }),
      RUNS,
    );
  });

  test("what may run is unknown exactly where two of the versions disagree", () => {
    fc.assert(
      fc.property(
        world,
        flow,
        fc.subarray([...EVERY_VERSION], { minLength: 1, maxLength: 4 }),
        (objects, asked, calico) => {
          const together = verdictFor(aWorld(objects, { versions: calico }), asked);
          const each = calico.map((it) => verdictFor(aWorld(objects, { versions: [it] }), asked));
          const fates = new Set(each.map(({ verdict, reply }) => `${verdict} ${reply?.verdict ?? ""}`));
          expect(together.verdict).toBe(fates.size === 1 ? each[0]?.verdict : "unknown");
          expect(together.readings === undefined).toBe(fates.size === 1);
        },
      ),
      { numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });

  test("one more version never makes an unknown known", () => {
    fc.assert(
      fc.property(
        world,
        flow,
        fc.constantFrom(...EVERY_VERSION),
        fc.constantFrom(...EVERY_VERSION),
        (objects, asked, one, other) => {
          const alone = verdictFor(aWorld(objects, { versions: [one] }), asked);
          const both = verdictFor(aWorld(objects, { versions: [one, other] }), asked);
          expect(["unknown", alone.verdict]).toContain(both.verdict);
        },
      ),
      { numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });
});

describe("which versions may run", () => {
  test.each([
    ["quay.io/calico/node:v3.31.5", ["v3.31.5"]],
    ["docker.io/rancher/hardened-calico:v3.32.1-build20260819", ["v3.32.1"]],
    ["localhost:5000/calico/node:3.29.2@sha256:0f0f", ["v3.29.2"]],
  ])("by the image %s", (image, expected) => {
    expect(calicoVersionsIn([agent(image)])?.map(formatCalicoVersion)).toEqual(expected);
  });

  test.each(["quay.io/calico/node@sha256:0f0f", "localhost:5000/calico/node", "calico/node:latest", ""])(
    "the image %p tells nothing: every version, or the one that ClusterInformation names",
    (image) => {
      expect(calicoVersionsIn([agent(image)])).toEqual(EVERY_VERSION);
      expect(calicoVersionsIn([agent(image), information("v3.30.2")])).toEqual([at("3.30.2")]);
      expect(calicoVersionsIn([agent(image), information("")])).toEqual(EVERY_VERSION);
    },
  );

  test("two agents, or a roll-out under way: both count", () => {
    const both = [agent("calico/node:v3.32.1"), agent("calico/node:v3.31.7", [], "canal")];
    expect(calicoVersionsIn(both)).toEqual([at("3.31.7"), at("3.32.1")]);
    expect(calicoVersionsIn([agent("calico/node:v3.32.1"), information("v3.31.7")])).toEqual([
      at("3.31.7"),
      at("3.32.1"),
    ]);
    // One of two agents tells nothing, and nobody else does.
    expect(calicoVersionsIn([agent("calico/node:v3.32.1"), agent("calico/node", [], "canal")])).toEqual(
      EVERY_VERSION,
    );
  });

  test("objects without an installation say nothing; a live cluster then may run whatever can have stored them", () => {
    expect(calicoVersionsIn([aPolicy(allow)])).toBeUndefined();
    const oldest = (objects: readonly KubernetesObject[]) =>
      formatCalicoVersions(versionsThatMayRun({ versions: [] }, objects));
    expect(oldest([aPolicy(allow)])).toBe("v3.26.0 to master");
    expect(oldest([aTier("team")])).toBe("v3.29.0 to master");
    expect(oldest([aPolicy({ ...allow, tier: "default" })])).toBe("v3.29.0 to master");
    expect(oldest([{ ...aPolicy(allow), kind: "StagedGlobalNetworkPolicy" }])).toBe("v3.30.0 to master");
    expect(oldest([felix({ nodeSelector: "all()" }, "some")])).toBe("v3.32.0 to master");
  });

  test("a version that is newer than all, or older, is read like its neighbour", () => {
    expect(readingsOf([], [at("3.40.0")])[0].rules).toEqual(readingsOf([], [MASTER])[0].rules);
    expect(readingsOf([], [at("2.6.0")])[0].rules).toEqual(readingsOf([], [at("3.26.0")])[0].rules);
    expect(
      isInRanges(at("3.30.2"), [
        [undefined, "3.29.6"],
        ["3.30.0", "3.30.3"],
      ]),
    ).toBe(true);
    expect(
      isInRanges(at("3.29.6"), [
        [undefined, "3.29.6"],
        ["3.30.0", "3.30.3"],
      ]),
    ).toBe(false);
  });
});

describe("where a failsafe list comes from", () => {
  const list = (port: number): JsonObject[] => [{ protocol: "tcp", port }];
  const inbound = "failsafeInboundHostPorts";
  const annotated = (text: string) => ({ "config.projectcalico.org/FailsafeInboundHostPorts": text });
  const env = (value: string) =>
    agent("calico/node:v3.32.1", [{ name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", value }]);

  test.each<readonly [string, readonly KubernetesObject[], number]>([
    ["absent everywhere: Felix's own list", [felix({})], 22],
    ["null is absent", [felix({ [inbound]: null })], 22],
    ["an empty list is none at all", [felix({ [inbound]: [] })], 0],
    ["absent for the node, set in default", [felix({}, "node.x"), felix({ [inbound]: list(1) })], 1],
    ["absent in default, set for the node", [felix({ [inbound]: list(1) }, "node.x"), felix({})], 1],
    ["set by the environment", [felix({ [inbound]: list(1) }), env("tcp:2")], 2],
    ["the environment sets it to nothing", [felix({ [inbound]: list(1) }), env("")], 1],
    ["the environment alone sets it to nothing", [env("")], 22],
    ["an annotation overrides the field", [felix({ [inbound]: list(1) }, "default", annotated("tcp:3"))], 3],
    [
      "an annotation of the node's beats default",
      [felix({}, "node.x", annotated("tcp:3")), felix({ [inbound]: list(1) })],
      3,
    ],
    [
      "an empty annotation takes the field away",
      [felix({ [inbound]: list(1) }, "default", annotated(""))],
      22,
    ],
    ["an annotation says none", [felix({ [inbound]: list(1) }, "default", annotated("none"))], 0],
    ["the environment beats annotations", [felix({}, "default", annotated("tcp:3")), env("tcp:2")], 2],
  ])("%s", (_what, objects, first) => {
    const settings = aWorld([...NODES, ...objects]).nodes.get("x")?.settings;
    expect(settings?.failsafes.inbound[0]?.port ?? 0).toBe(first);
    // The other direction is nobody's business here.
    expect(settings?.failsafes.outbound[0]?.port).toBe(53);
  });

  test("the variable and the annotation of IP-in-IP bear Felix's name for it", () => {
    const ipip = (objects: readonly KubernetesObject[]) =>
      aWorld([...NODES, ...objects]).nodes.get("x")?.settings.ipip;
    expect(ipip([agent("", [{ name: "FELIX_IPINIPENABLED", value: "true" }])])).toBe(true);
    expect(ipip([agent("", [{ name: "FELIX_IPIPENABLED", value: "true" }])])).toBe(false);
    expect(ipip([felix({}, "default", { "config.projectcalico.org/IpInIpEnabled": "true" })])).toBe(true);
  });

  test("an empty interface prefix is none: workloads keep Felix's own", () => {
    const settings = aWorld([...NODES, felix({ interfacePrefix: "" })]).nodes.get("x")?.settings;
    expect(settings).toMatchObject({ workloadPrefixes: ["cali"], broken: undefined });
  });
});

test("a staged policy that would delete a real one leaves it in force", () => {
  const staged = {
    ...aPolicy({ stagedAction: "Delete" }, "closed"),
    kind: "StagedGlobalNetworkPolicy",
  };
  const objects = [...NODES, anEndpoint(DEFAULT_ALLOW), aPolicy(deny, "closed"), staged];
  for (const version of [at("3.29.7"), at("3.30.0"), MASTER])
    expect(verdictFor(aWorld(objects, { versions: [version] }), flowOf("in tcp/80"))).toMatchObject({
      verdict: "deny",
      decidedBy: { policy: "closed" },
    });
});

function isSame(one: CalicoVersion, other: CalicoVersion): boolean {
  return formatCalicoVersion(one) === formatCalicoVersion(other);
}
