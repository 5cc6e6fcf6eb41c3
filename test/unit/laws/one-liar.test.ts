/**
 * Law: among honest nodes one that may say anything about itself holds nobody back, takes nobody's address, denies and opens no flow
 * between others, and does so in no later run either. Through the whole sentence, on a cluster in memory, without EC2; what happens with
 * the liar is compared with what happens without it.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { takeSnapshot } from "../../../lib/snapshot/take-snapshot.ts";
import { worldOf } from "../../../lib/world/world-of.ts";
import { aGlobalNetworkPolicy, someSettings } from "../../builders/a-guard-request.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";
import { lawRuns } from "../law-runs.ts";

const WEB = 5;
const DB = 3;
const HONEST = WEB + DB;
const OWN = "10.0.66.66";
const signal = new AbortController().signal;
const clock = { now: () => Date.parse("2026-11-24T00:00:00Z"), sleep: () => Promise.resolve() };
const addressOf = (index: number) => `10.0.66.${index + 1}`;

/** What calico-node writes on Nodes. */
type Tunnels = "none" | "vxlan" | "ipip";
const tunnelOf = (tunnels: Tunnels, index: number): Record<string, string> =>
  tunnels === "vxlan"
    ? { "projectcalico.org/IPv4VXLANTunnelAddr": `192.168.${index}.1` }
    : tunnels === "ipip"
      ? { "projectcalico.org/IPv4IPIPTunnelAddr": `192.168.${index}.1` }
      : {};

const honestNodes = (tunnels: Tunnels): readonly KubernetesObject[] =>
  Array.from({ length: HONEST }, (_, index) =>
    aNodeObject({
      name: `node-${index}`,
      createdAt: "2026-11-22T00:00:00Z",
      providerId: `kind://docker/kind/node-${index}`,
      labels: { role: index < WEB ? "web" : "db" },
      annotations: { "projectcalico.org/IPv4Address": `${addressOf(index)}/24`, ...tunnelOf(tunnels, index) },
      addresses: [{ type: "InternalIP", address: addressOf(index) }],
    }),
  );

const SELECTORS = [
  "role == 'quarantine'",
  "role == 'banned'",
  "role in {'quarantine', 'banned'}",
  "has(evil)",
  "role == 'db'",
  "has(evil) || role == 'quarantine'",
  "!has(role)",
  "zone == 'dmz'",
] as const;
const denyRule = fc.record({
  selector: fc.constantFrom(...SELECTORS),
  side: fc.constantFrom("source", "destination"),
  ports: fc.constantFrom<readonly number[] | undefined>(undefined, [10250], [4789], [22], [443], [8472]),
  protocol: fc.constantFrom("TCP", "UDP"),
});
const policy = fc
  .record({
    applies: fc.constantFrom("all()", "role == 'web'", "role == 'db'", "role == 'quarantine'", "has(evil)"),
    order: fc.integer({ min: 1, max: 3 }),
    ingress: fc.array(denyRule, { maxLength: 2 }),
    egress: fc.array(denyRule, { maxLength: 2 }),
    forward: fc.boolean(),
  })
  .map(({ applies, order, ingress, egress, forward }): JsonObject => {
    const rules = (list: typeof ingress): JsonObject[] => [
      ...list.map(({ selector, side, ports, protocol }): JsonObject => ({
        action: "Deny",
        ...(ports === undefined ? {} : { protocol }),
        [side]: { selector },
        ...(ports === undefined
          ? {}
          : { destination: { ...(side === "destination" ? { selector } : {}), ports } }),
      })),
      { action: "Allow" },
    ];
    return {
      selector: applies,
      order,
      types: ["Ingress", "Egress"],
      ingress: rules(ingress),
      egress: rules(egress),
      applyOnForward: forward,
    };
  });

const address = fc.oneof(
  fc.constant(OWN),
  fc.nat({ max: HONEST - 1 }).map(addressOf),
  fc.constantFrom(
    "169.254.169.254",
    "169.254.169.253",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "203.0.113.9",
    "fd00::9",
    "fe80::1",
    "bogus",
    "::ffff:10.0.66.2",
  ),
);
const labelValue = fc.constantFrom("quarantine", "banned", "web", "db", "dmz", "");
const lie = fc.record({
  name: fc.constantFrom(
    "evil",
    "ip-10-0-66-2",
    "ip-10-0-66-2.eu-west-1.compute.internal",
    "node-0-x",
    "a",
    "zz",
  ),
  // The API server says when it came: after the others. Nobody could tell otherwise who was there first.
  createdAt: fc.constantFrom("2026-11-22T00:00:01Z", "2026-11-23T00:00:00Z"),
  providerId: fc.constantFrom(
    "kind://docker/kind/evil",
    "kind://docker/kind/node-1",
    "aws:///eu-west-1a/i-0123456789abcdef0",
    "azure:///subscriptions/x",
    "",
  ),
  labels: fc.dictionary(
    fc.constantFrom(
      "role",
      "evil",
      "zone",
      "node-role.kubernetes.io/control-plane",
      "node.kubernetes.io/microk8s-controlplane",
      "microk8s.io/cluster",
      "node.kubernetes.io/instance-type",
      "hostendpoint-reconciler/owner",
      "projectcalico.org/created-by",
    ),
    labelValue,
    { maxKeys: 5 },
  ),
  annotations: fc.dictionary(
    fc.constantFrom(
      "alpha.kubernetes.io/provided-node-ip",
      "projectcalico.org/IPv4Address",
      "projectcalico.org/IPv4VXLANTunnelAddr",
      "projectcalico.org/IPv6VXLANTunnelAddr",
      "projectcalico.org/IPv4IPIPTunnelAddr",
      "projectcalico.org/IPv4WireguardInterfaceAddr",
      "projectcalico.org/WireguardPublicKey",
      "projectcalico.org/ASNumber",
      "projectcalico.org/Interfaces",
      "projectcalico.org/metadata",
    ),
    fc.oneof(address, fc.constantFrom("{bad", '[{"name":"eth0","addresses":["10.0.66.1"]}]', "10.0.66.1/0")),
    { maxKeys: 4 },
  ),
  internal: fc.array(address, { maxLength: 4 }),
  external: fc.array(address, { maxLength: HONEST + 4 }),
  ready: fc.constantFrom("True" as const, "False" as const),
});
type Lie = typeof lie extends fc.Arbitrary<infer T> ? T : never;

const aLiar = ({ name, createdAt, providerId, labels, annotations, internal, external, ready }: Lie) =>
  aNodeObject({
    name,
    createdAt,
    ready,
    labels,
    annotations,
    providerId,
    addresses: [
      ...internal.map((it) => ({ type: "InternalIP", address: it })),
      ...external.map((it) => ({ type: "ExternalIP", address: it })),
    ],
  });

async function run(cluster: InMemoryCluster) {
  const { report } = await reconcile(
    { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
    { settings: someSettings(), cluster: cluster.gateway, clock },
    signal,
  );
  return report;
}

/** Endpoints of honest nodes, by name, with what decides. */
async function honestEndpoints(cluster: InMemoryCluster) {
  const endpoints = await cluster.gateway.listHostEndpoints(CALICO_V1, signal);
  return new Map(
    endpoints
      .filter((it) => /^node-\d+$/.test(it.node))
      .map((it) => [it.name, JSON.stringify([it.expectedIPs, it.labels, it.profiles])]),
  );
}

/** What honest nodes get from each other, and from others that are no nodes. */
async function honestVerdicts(cluster: InMemoryCluster): Promise<readonly string[]> {
  const snapshot = await takeSnapshot(
    { scope: { kind: "cluster" }, namePatterns: ["{node}"] },
    { cluster: cluster.gateway, clock },
    signal,
  );
  const world = worldOf(snapshot);
  return flows.map((flow) => `${JSON.stringify(flow)} ${verdictFor(world, flow).verdict}`);
}
const TOLD = [0, 1, WEB];
const flows: readonly Flow[] = TOLD.flatMap((index) => {
  const node = `node-${index}`;
  const others = [...TOLD.filter((it) => it !== index).map(addressOf), "10.0.66.200", "198.51.100.7"];
  return others.flatMap((other) =>
    (["tcp 10250", "tcp 22", "udp 4789", "tcp 443"] as const).flatMap((text): readonly Flow[] => {
      const [protocol = "", port = ""] = text.split(" ");
      return [
        {
          node,
          direction: "ingress",
          protocol,
          source: { ip: other },
          destination: { ip: addressOf(index), port: Number(port) },
        },
        {
          node,
          direction: "egress",
          protocol,
          source: { ip: addressOf(index) },
          destination: { ip: other, port: Number(port) },
        },
      ];
    }),
  );
});

const tunnels = fc.constantFrom<Tunnels>("none", "vxlan", "ipip");

/** So many lies are told in each world, which is looked at once without any. */
const LIES = 5;

test("law: honest nodes end as they would without the liar, in one run, and stay so", async () => {
  const runs = Math.ceil(lawRuns() / LIES);
  const lies = fc.array(lie, { minLength: LIES, maxLength: LIES });
  let protectedInAll = 0;
  await fc.assert(
    fc.asyncProperty(tunnels, fc.array(policy, { maxLength: 3 }), lies, async (tunnel, policies, told) => {
      const honest = [
        ...honestNodes(tunnel),
        ...policies.map((spec, index) => aGlobalNetworkPolicy(`p${index}`, spec)),
      ];
      const without = createInMemoryCluster({ objects: honest });
      await run(without);
      const expected = await honestEndpoints(without);
      const verdicts = await honestVerdicts(without);
      protectedInAll += expected.size;
      for (const it of told) {
        const withLiar = createInMemoryCluster({ objects: [...honest, aLiar(it)] });
        for (const _run of ["first", "second"]) {
          await run(withLiar);
          expect(await honestEndpoints(withLiar)).toEqual(expected);
        }
        const now = await honestVerdicts(withLiar);
        expect(now.filter((one, index) => one !== verdicts[index])).toEqual([]);
      }
    }),
    { numRuns: runs },
  );
  // The worlds are worth something: they protect most honest nodes.
  expect(protectedInAll / runs).toBeGreaterThan(HONEST / 2);
}, 600_000);
