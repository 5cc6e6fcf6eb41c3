import { describe, expect, test } from "@jest/globals";
import { parseAllDocuments, stringify } from "yaml";
import { baseline } from "../../../lib/baseline/baseline.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import {
  aFelixConfiguration,
  aGuardRequest,
  someSettings,
  type GuardSketch,
} from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";

const sixNode = aNode({
  name: "six",
  addresses: [
    { type: "InternalIP", address: "10.0.9.9" },
    { type: "InternalIP", address: "2600:1f18:1:2::9" },
  ],
  annotations: {
    "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.0.1",
    "projectcalico.org/IPv4IPIPTunnelAddr": "10.244.0.2",
  },
});
const sketches: readonly (readonly [string, GuardSketch])[] = [
  ["a plain cluster", { nodes: ["node-1", "node-2"] }],
  ["both families, tunnels", { nodes: ["node-1", sixNode] }],
  [
    "no failsafes at all",
    {
      nodes: ["node-1", sixNode],
      felix: [aFelixConfiguration({ failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] })],
    },
  ],
  [
    "access for engineers",
    { nodes: ["node-1"], settings: { access: { ssh: ["192.0.2.0/24"], sessionManager: true } } },
  ],
];

function withBaseline(sketch: GuardSketch) {
  const request = aGuardRequest(sketch);
  const printed = baseline(request.snapshot, { ...request.safety, id: someSettings().id });
  const text = printed.map((it) => stringify(it)).join("---\n");
  const objects = parseAllDocuments(text).map((it) => it.toJS() as KubernetesObject);
  const of = (kind: string) => objects.filter((it) => it.kind === kind);
  return { objects, of };
}

describe("the baseline", () => {
  test.each(sketches)("%s: with it, default deny cuts no essential flow", (_name, sketch) => {
    const { of } = withBaseline(sketch);
    const guarded = guardPlan(
      aGuardRequest({
        ...sketch,
        profiles: [],
        policies: of("GlobalNetworkPolicy"),
        tiers: of("Tier"),
        felix: of("FelixConfiguration").length > 0 ? of("FelixConfiguration") : (sketch.felix ?? []),
      }),
    );
    expect(guarded.withheld.map((it) => it.violation.detail)).toEqual([]);
  });

  test.each(sketches)("%s: the policy alone is enough too", (_name, sketch) => {
    const { of } = withBaseline(sketch);
    const none = aFelixConfiguration({ failsafeInboundHostPorts: [], failsafeOutboundHostPorts: [] });
    const guarded = guardPlan(
      aGuardRequest({
        ...sketch,
        profiles: [],
        policies: of("GlobalNetworkPolicy"),
        tiers: of("Tier"),
        felix: [none],
      }),
    );
    expect(guarded.withheld.map((it) => it.violation.detail)).toEqual([]);
  });

  test("it keeps the user's own failsafes, and is empty once it is applied", () => {
    const own = { protocol: "TCP", port: 8443, net: "192.0.2.0/24" };
    const sketch: GuardSketch = {
      nodes: ["node-1"],
      felix: [aFelixConfiguration({ failsafeInboundHostPorts: [own], logSeverityScreen: "Info" })],
    };
    const { of } = withBaseline(sketch);
    const inbound = of("FelixConfiguration")[0]?.spec?.["failsafeInboundHostPorts"];
    expect(inbound).toEqual(expect.arrayContaining([own, expect.objectContaining({ port: 10_250 })]));
    const again = withBaseline({
      ...sketch,
      policies: of("GlobalNetworkPolicy"),
      tiers: of("Tier"),
      felix: of("FelixConfiguration"),
    });
    expect(again.objects).toEqual([]);
  });

  test("under the allow profile it changes nothing: what it does not name is passed on", () => {
    const { of } = withBaseline({ nodes: ["node-1"] });
    const guarded = guardPlan(
      aGuardRequest({
        nodes: ["node-1"],
        policies: of("GlobalNetworkPolicy"),
        tiers: of("Tier"),
        essentialFlows: [
          {
            id: "odd",
            direction: "ingress",
            protocol: "tcp",
            port: 12_345,
            peers: ["203.0.113.9"],
            nodes: "all()",
            reason: "a test",
          },
        ],
      }),
    );
    expect(guarded.withheld).toEqual([]);
  });
});
