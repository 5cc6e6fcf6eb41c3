/** The guard with what the cluster, EKS and EC2 say of the network: neither blind where it knows, nor sure where it does not. */
import { describe, expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import type { NetworkFacts } from "../../../lib/model/network-facts.ts";
import {
  aCalicoNode,
  aGlobalNetworkPolicy,
  aGuardRequest,
  aSnapshot,
  someSettings,
  type GuardSketch,
} from "../../builders/a-guard-request.ts";
import { prepareProof } from "../../../lib/guard/proof/prepare-proof.ts";
import { baseline } from "../../../lib/baseline/baseline.ts";
import { aNode } from "../../builders/a-node.ts";

/** Allows all but one TCP port, and that port for the given nets only. */
function onlyFor(direction: "ingress" | "egress", port: number, nets: readonly string[]) {
  const peer: JsonObject = direction === "ingress" ? { source: { nets } } : {};
  const destination: JsonObject = { ports: [port], ...(direction === "egress" ? { nets } : {}) };
  return aGlobalNetworkPolicy("narrow", {
    types: [direction === "ingress" ? "Ingress" : "Egress"],
    [direction]: [
      { action: "Allow", protocol: "TCP", ...peer, destination },
      { action: "Allow", protocol: "TCP", destination: { notPorts: [port] } },
      { action: "Allow", notProtocol: "TCP" },
    ],
  });
}

function withheldBy(sketch: GuardSketch): readonly string[] {
  const others = ["registries", "sts"];
  const guarded = guardPlan(aGuardRequest({ nodes: ["node-1"], essentialFlowsWithout: others, ...sketch }));
  return guarded.withheld.map(
    (it) =>
      `${it.violation.reason}: ${/(api-server[-\d]*|kubelet)/.exec(it.violation.detail)?.[1] ?? it.violation.detail}`,
  );
}

const toEks = { private: true, public: false };
const publicly = { private: false, public: true };
const inVpc = [
  { address: "10.1.7.7", port: 443 },
  { address: "10.1.8.8", port: 443 },
];

describe("the way to the API server", () => {
  test.each<[string, readonly string[], NetworkFacts, readonly string[]]>([
    [
      "private: any address of the VPC may be meant",
      ["10.0.0.0/16"],
      { apiServerAccess: toEks, vpcCidrs: ["10.0.0.0/16", "10.1.0.0/16"] },
      ["essential-flow-unknown: api-server"],
    ],
    [
      "private: the whole VPC is allowed",
      ["10.0.0.0/15"],
      { apiServerAccess: toEks, vpcCidrs: ["10.0.0.0/16", "10.1.0.0/16"], apiServers: inVpc },
      [],
    ],
    [
      "private: one of today's addresses is cut",
      ["10.0.0.0/16", "10.1.7.0/24"],
      { apiServerAccess: toEks, vpcCidrs: ["10.0.0.0/16", "10.1.0.0/16"], apiServers: inVpc },
      ["essential-flow-cut: api-server"],
    ],
    [
      "public: the name's addresses are allowed, those that pods use too",
      ["3.4.5.0/24", "10.1.0.0/16"],
      { apiServerAccess: publicly, apiServerAddresses: ["3.4.5.6", "3.4.5.7"], apiServers: inVpc },
      [],
    ],
    [
      "public: pods and host-networked programs are cut off, the kubelet is not",
      ["3.4.5.0/24"],
      { apiServerAccess: publicly, apiServerAddresses: ["3.4.5.6"], apiServers: inVpc },
      ["essential-flow-cut: api-server"],
    ],
    [
      "public, and nobody could resolve the name",
      ["3.4.5.0/24", "10.1.0.0/16"],
      { apiServerAccess: publicly, apiServers: inVpc },
      ["essential-flow-unknown: api-server"],
    ],
    [
      "nothing is known of EKS: the name may stand for anything",
      ["10.0.0.0/15"],
      { apiServers: inVpc },
      ["essential-flow-unknown: api-server"],
    ],
  ])("%s", (_what, nets, network, expected) => {
    expect(withheldBy({ policies: [onlyFor("egress", 443, nets)], network })).toEqual(expected);
  });

  test("beside AWS it is where the cluster says, and nowhere else", () => {
    const sketch = {
      nodes: [aNode({ name: "a", providerId: "kind://docker/kind/a" })],
      network: { apiServers: [{ address: "172.18.0.2", port: 6_443 }] },
    };
    // 6443 is a failsafe of Calico's, so the policy cannot cut it; 443 is nobody's.
    expect(withheldBy({ ...sketch, policies: [onlyFor("egress", 443, ["192.0.2.1"])] })).toEqual([]);
    const felix = aCalicoNode([{ name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS", value: "udp:53" }]);
    expect(
      withheldBy({
        ...sketch,
        daemonSets: [felix],
        policies: [onlyFor("egress", 6_443, ["192.0.2.1"])],
      }),
    ).toEqual(["essential-flow-cut: api-server"]);
  });

  test("two ports are two flows", () => {
    const { flows } = prepareProof(
      aSnapshot({ nodes: ["a"], network: { apiServers: [{ address: "10.1.7.7", port: 6_443 }] } }),
      someSettings(),
    );
    expect(
      flows.flatMap(({ flow }) =>
        flow.id.startsWith("api-server") ? [`${flow.id} ${flow.port ?? ""}`] : [],
      ),
    ).toEqual(["api-server 443", "api-server-6443 6443"]);
  });
});

test("the control plane asks kubelets from its own addresses, which no node's block need hold", () => {
  const policies = [onlyFor("ingress", 10_250, ["10.0.0.0/16"])];
  expect(withheldBy({ policies })).toEqual([]);
  expect(withheldBy({ policies, network: { apiServers: inVpc } })).toEqual(["essential-flow-cut: kubelet"]);
  expect(withheldBy({ policies, network: { vpcCidrs: ["10.0.0.0/16", "10.1.0.0/16"] } })).toEqual([
    "essential-flow-unknown: kubelet",
  ]);
});

test("no rule of the baseline names an address that may be another one tomorrow", () => {
  const network: NetworkFacts = {
    apiServerAccess: publicly,
    apiServerAddresses: ["3.4.5.6"],
    vpcCidrs: ["10.0.0.0/16", "10.1.0.0/16"],
    apiServers: inVpc,
  };
  const objects = baseline(aSnapshot({ nodes: ["a"], network }), someSettings());
  const text = JSON.stringify(objects);
  expect(text).toContain("443");
  for (const address of ["3.4.5.6", "10.1.7.7", "10.1.8.8"]) expect(text).not.toContain(address);
});

describe("what calico-node's environment changes", () => {
  const closed = aGlobalNetworkPolicy("closed", { types: ["Egress"], egress: [{ action: "Log" }] });
  const failsafes =
    "udp:53,udp:67,tcp:53,tcp:443,tcp:80,udp:123,tcp:5473,udp:547,tcp:179,tcp:2379,tcp:2380,tcp:6443,tcp:6666,tcp:6667";
  const sketch = (...env: JsonObject[]): GuardSketch => ({
    nodes: ["node-1"],
    policies: [onlyFor("egress", 443, ["192.0.2.1"])],
    daemonSets: [aCalicoNode(env)],
  });

  test("failsafes that it opens count", () => {
    const variable = { name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS", value: failsafes };
    expect(withheldBy(sketch(variable))).toEqual([]);
    expect(withheldBy(sketch())).toEqual(["essential-flow-cut: api-server"]);
  });

  test("failsafes that it closes count, and the fix is the variable, with what it holds now", () => {
    const guarded = guardPlan(
      aGuardRequest({
        ...sketch({ name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS", value: "udp:53,tcp:[fd00::/8]:443" }),
        policies: [closed],
      }),
    );
    expect(guarded.allowed).toEqual([]);
    const gap = guarded.findings.find((it) => it.code === "failsafe-gap");
    expect(gap?.object).toBe("DaemonSet/calico-system/calico-node");
    expect(gap?.fix).toMatch(
      /^kubectl -n calico-system set env daemonset\/calico-node FELIX_FAILSAFEOUTBOUNDHOSTPORTS='udp:53,tcp:\[fd00::\/8\]:443,tcp:443,/,
    );
  });

  test("of a list that nobody can see the fix loses nothing", () => {
    const unseen = {
      name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS",
      valueFrom: { configMapKeyRef: { name: "c", key: "k" } },
    };
    const guarded = guardPlan(aGuardRequest({ ...sketch(unseen), policies: [closed] }));
    const gap = guarded.findings.find((it) => it.code === "failsafe-gap");
    expect(gap?.fix).toMatch(/^add tcp:443,.* to what FELIX_FAILSAFEOUTBOUNDHOSTPORTS gets its value from$/);
  });

  test("failsafes whose value nobody can see are none", () => {
    const unseen = {
      name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS",
      valueFrom: { configMapKeyRef: { name: "c", key: "k" } },
    };
    const policies = [onlyFor("egress", 5_473, ["192.0.2.1"])];
    const typha = { name: "FELIX_TYPHAK8SSERVICENAME", value: "calico-typha" };
    const two = { nodes: ["node-1", "node-2"], policies };
    expect(guardPlan(aGuardRequest({ ...sketch(typha), ...two })).withheld).toEqual([]);
    const [first] = guardPlan(aGuardRequest({ ...sketch(typha, unseen), ...two })).withheld;
    expect(first?.violation.detail).toContain("typha-out");
  });

  test.each<[string, readonly JsonObject[] | undefined, boolean]>([
    ["nothing is known", undefined, true],
    ["no variable", [], false],
    ["the Service is named", [{ name: "FELIX_TYPHAK8SSERVICENAME", value: "calico-typha" }], true],
    ["the Service is none", [{ name: "FELIX_TYPHAK8SSERVICENAME", value: "none" }], false],
    [
      "the Service's name stands elsewhere",
      [{ name: "FELIX_TYPHAK8SSERVICENAME", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }],
      true,
    ],
  ])("Typha is essential where Felix uses it: %s", (_what, env, expected) => {
    const daemonSets = env === undefined ? {} : { daemonSets: [aCalicoNode(env)] };
    const { flows } = prepareProof(aSnapshot({ nodes: ["a"], ...daemonSets }), someSettings());
    expect(flows.some((it) => it.flow.id === "typha-out")).toBe(expected);
  });

  test("a list that Felix cannot parse is poison", () => {
    const variable = { name: "FELIX_FAILSAFEINBOUNDHOSTPORTS", value: "tcp:[fd00::1]22" };
    const guarded = guardPlan(aGuardRequest({ nodes: ["a"], daemonSets: [aCalicoNode([variable])] }));
    expect(guarded.withheld.map((it) => it.violation.reason)).toEqual(["poison-object"]);
    expect(guarded.findings[0]).toMatchObject({
      code: "poison-object",
      object: "DaemonSet/calico-system/calico-node",
      message: expect.stringMatching(
        /^FELIX_FAILSAFEINBOUNDHOSTPORTS: Felix cannot start with it, on any node/,
      ),
    });
  });
});
