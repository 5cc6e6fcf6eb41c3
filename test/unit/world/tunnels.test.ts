import { expect, test } from "@jest/globals";
import { worldGateway } from "../../../functions/shared/compose-world.ts";
import { explain } from "../../../lib/explain/explain.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { prepareLiveWorld } from "../../../lib/simulate/prepare-live-world.ts";
import { prepareWorld } from "../../../lib/simulate/simulate.ts";
import { takeSnapshot } from "../../../lib/snapshot/take-snapshot.ts";
import { settleFiles } from "../../../lib/world/settle-files.ts";
import { aFelixConfiguration, someSettings } from "../../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject } from "../../builders/a-node.ts";
import { createInMemoryCluster } from "../../fakes/in-memory-cluster.ts";

const clock = { now: () => Date.parse("2026-11-22T12:00:00Z"), sleep: () => Promise.resolve() };
const signal = new AbortController().signal;

/** Nodes that tell of their tunnels; node-1 has a default deny. */
function cluster(annotation: string, felix: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return [
    ...["node-1", "node-2"].map((name, index) =>
      aNodeObject({ name, annotations: { [`projectcalico.org/${annotation}`]: `10.244.${index}.1` } }),
    ),
    aHostEndpointObject({ name: "node-1", node: "node-1", profiles: [] }),
    ...felix,
  ];
}

function packet(from: string, wire: { readonly protocol: string | number; readonly port?: number }): Flow {
  const { protocol, port } = wire;
  const destination = { ip: "10.0.0.2", ...(port === undefined ? {} : { port }) };
  return { node: "node-1", direction: "ingress", protocol, source: { ip: from }, destination };
}

const broken = (spec: JsonObject): KubernetesObject => {
  const object = aFelixConfiguration(spec);
  const annotations = { [CALICO_METADATA_ANNOTATION]: "{bad" };
  return { ...object, metadata: { ...object.metadata, annotations } };
};
const VXLAN = { protocol: "udp", port: 4789 };
const IPIP = { protocol: 4 };

test.each<[string, string, readonly KubernetesObject[], Parameters<typeof packet>[1], string, string]>([
  ["VXLAN, with no configuration", "IPv4VXLANTunnelAddr", [], VXLAN, "allow", "deny"],
  [
    "VXLAN, beside other settings",
    "IPv4VXLANTunnelAddr",
    [aFelixConfiguration({ vxlanPort: 4789 })],
    VXLAN,
    "allow",
    "deny",
  ],
  [
    "VXLAN on another port",
    "IPv4VXLANTunnelAddr",
    [aFelixConfiguration({ vxlanPort: 4790 })],
    { ...VXLAN, port: 4790 },
    "allow",
    "deny",
  ],
  [
    "VXLAN that the configuration turns off",
    "IPv4VXLANTunnelAddr",
    [aFelixConfiguration({ vxlanEnabled: false })],
    VXLAN,
    "deny",
    "deny",
  ],
  [
    "a null in the configuration says nothing",
    "IPv4VXLANTunnelAddr",
    [aFelixConfiguration({ vxlanEnabled: null })],
    VXLAN,
    "allow",
    "deny",
  ],
  [
    "a configuration that Calico skips says nothing",
    "IPv4VXLANTunnelAddr",
    [broken({ vxlanEnabled: false })],
    VXLAN,
    "allow",
    "deny",
  ],
  ["IP-in-IP", "IPv4IPIPTunnelAddr", [], IPIP, "allow", "deny"],
  ["no tunnel at all", "IPv4Address", [], VXLAN, "deny", "deny"],
])(
  "%s: guard, explain and simulate, live and from a dump, say the same",
  async (_what, annotation, felix, wire, fromPeer, fromOther) => {
    const objects = cluster(annotation, felix);
    const live = createInMemoryCluster({ objects }).gateway;
    const files = worldGateway(settleFiles([objects]));
    const worlds = [
      (await prepareLiveWorld({ cluster: live, clock }, signal)).world,
      (await prepareLiveWorld({ cluster: files, clock }, signal)).world,
      prepareWorld(objects).world,
    ];
    for (const world of worlds) {
      expect(verdictFor(world, packet("10.0.0.3", wire)).verdict).toBe(fromPeer);
      expect(verdictFor(world, packet("203.0.113.9", wire)).verdict).toBe(fromOther);
    }
    const settings = someSettings();
    const told = await explain("node-1", { settings, cluster: live }, signal);
    expect(await explain("node-1", { settings, cluster: files }, signal)).toEqual(told);
    const snapshot = await takeSnapshot(
      { scope: { kind: "cluster" }, namePatterns: [], allAddresses: true },
      { cluster: live, clock },
      signal,
    );
    const plan = { actions: [], unchanged: [], foreign: [] };
    const denied = guardPlan({ plan, snapshot, safety: settings })
      .findings.filter((it) => it.code.startsWith("essential-flow"))
      .map((it) => it.message.split(":")[0]);
    const bad = told.flows.filter((it) => it.verdict !== "allow").map((it) => it.id);
    expect([...new Set(denied)].sort()).toEqual(bad.sort());
  },
);

test("of one node, what the others tell of tunnels counts too", async () => {
  const [, second, endpoint] = cluster("IPv4VXLANTunnelAddr", []);
  if (second === undefined || endpoint === undefined) throw new Error("there are two nodes");
  const objects = [aNodeObject({ name: "node-1" }), second, endpoint];
  const { flows } = await explain(
    "node-1",
    { settings: someSettings(), cluster: createInMemoryCluster({ objects }).gateway },
    signal,
  );
  expect(flows.map((it) => it.id)).toContain("vxlan-in");
});
