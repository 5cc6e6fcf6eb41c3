/** Policies with applyOnForward take hold of pods as soon as there is an endpoint: that is a cut like any other. */
import { describe, expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import {
  aCalicoNode,
  aGlobalNetworkPolicy,
  aGuardRequest,
  type GuardSketch,
} from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";

const allow = { action: "Allow" };

/** Flows that would be cut (or, with a question mark, might be), of those that pass through. */
function cutThrough(sketch: GuardSketch): readonly string[] {
  const { withheld } = guardPlan(aGuardRequest({ nodes: ["node-1"], ...sketch }));
  const told = withheld.map((it) => `${it.violation.detail}; ${it.violation.fix}`).join();
  const unsure = withheld.some((it) => it.violation.reason === "essential-flow-unknown") ? "?" : "";
  return [...new Set([...told.matchAll(/pods-[a-z-]+/g)].map(([id]) => `${id}${unsure}`))].sort();
}

const forward = (spec: JsonObject) =>
  aGlobalNetworkPolicy("through", { order: 1, applyOnForward: true, ...spec });
/** The node itself keeps everything. */
const nodeKeeps = aGlobalNetworkPolicy("node-keeps", {
  order: 0,
  types: ["Ingress", "Egress"],
  ingress: [allow],
  egress: [allow],
});

const all = ["pods-api-server", "pods-dns-in", "pods-dns-out"];

describe("a * endpoint", () => {
  test.each<[string, readonly JsonObject[], readonly string[]]>([
    ["no policy applies on forward", [], []],
    ["everything may pass", [{ types: ["Ingress", "Egress"], ingress: [allow], egress: [allow] }], []],
    [
      "only SSH may come in",
      [{ types: ["Ingress"], ingress: [{ ...allow, protocol: "TCP", destination: { ports: [22] } }] }],
      all,
    ],
    [
      "UDP may come in and pass, TCP may not",
      [{ types: ["Ingress"], ingress: [{ ...allow, protocol: "UDP" }] }],
      ["pods-api-server"],
    ],
    [
      "a NodePort is closed before DNAT",
      [
        {
          preDNAT: true,
          types: ["Ingress"],
          ingress: [{ action: "Deny", protocol: "TCP", destination: { ports: [30_080] } }],
        },
      ],
      [],
    ],
    [
      "DNS is closed before DNAT",
      [{ preDNAT: true, types: ["Ingress"], ingress: [{ action: "Deny", protocol: "UDP" }] }],
      ["pods-dns-in", "pods-dns-out"],
    ],
    [
      "only the VPC's addresses may pass",
      [{ types: ["Ingress"], ingress: [{ ...allow, source: { nets: ["10.0.0.0/16"] } }] }],
      [],
    ],
    [
      "some pods may pass, and nobody knows which ones those are",
      [{ types: ["Ingress"], ingress: [{ ...allow, source: { selector: "k8s-app == 'kube-dns'" } }] }],
      all.map((it) => `${it}?`),
    ],
    [
      "half of the VPC may pass, and nobody knows where the pods are",
      [{ types: ["Ingress"], ingress: [{ ...allow, source: { nets: ["10.0.0.0/17"] } }] }],
      all.map((it) => `${it}?`),
    ],
  ])("%s", (_what, specs, expected) => {
    expect(cutThrough({ policies: [nodeKeeps, ...specs.map(forward)] })).toEqual(expected);
  });

  test("knowing the API server does not tell where the pods are", () => {
    const network = { apiServers: [{ address: "10.0.7.7", port: 443 }] };
    const half = forward({ types: ["Ingress"], ingress: [{ ...allow, source: { nets: ["10.0.0.0/17"] } }] });
    expect(cutThrough({ policies: [nodeKeeps, half], network })).toEqual(all.map((it) => `${it}?`));
  });

  test("what the pods' own policies say is nobody's business here", () => {
    const ofPods = aGlobalNetworkPolicy("of-pods", { selector: "has(projectcalico.org/namespace)" });
    expect(cutThrough({ policies: [nodeKeeps, ofPods] })).toEqual([]);
  });

  test("pods' interfaces bear the prefix that calico-node's environment names", () => {
    const daemonSets = [aCalicoNode([{ name: "FELIX_INTERFACEPREFIX", value: "eni" }])];
    const policies = [nodeKeeps, forward({ types: ["Ingress"] })];
    expect(cutThrough({ policies, daemonSets })).toEqual(all);
  });
});

describe("an endpoint of one interface", () => {
  const closed = forward({ types: ["Ingress"] });
  const settings = { endpoints: [{ interface: "eth0" }] };
  const annotations = {
    "projectcalico.org/Interfaces": JSON.stringify([{ name: "eth0", addresses: ["10.0.0.9"] }]),
  };
  const addresses = [{ type: "InternalIP", address: "10.0.0.9" }];

  test("decides about what comes in there, not about what pods send out", () => {
    const nodes = [aNode({ name: "a", addresses, annotations })];
    expect(cutThrough({ nodes, settings, policies: [nodeKeeps, closed] })).toEqual(["pods-dns-in"]);
  });

  test("may decide when nobody knows what the interfaces are called", () => {
    const nodes = [aNode({ name: "a", addresses })];
    expect(cutThrough({ nodes, settings, policies: [nodeKeeps, closed] })).toEqual(["pods-dns-in?"]);
  });
});

test("the fix is the policy, for no baseline lets pods through without opening the node", () => {
  const { withheld } = guardPlan(
    aGuardRequest({ nodes: ["node-1"], policies: [nodeKeeps, forward({ types: ["Ingress"] })] }),
  );
  expect(withheld[0]?.violation.fix).toMatch(
    /^take applyOnForward off the policy, or let pods' traffic through/,
  );
});

test("what can be no other node is not unknown because other endpoints were not read", () => {
  const policies = [
    aGlobalNetworkPolicy("no-guests", {
      types: ["Egress"],
      egress: [{ action: "Deny", destination: { selector: "role == 'guest'" } }, allow],
    }),
  ];
  const network = { apiServerAccess: { private: true, public: false }, vpcCidrs: ["10.0.0.0/16"] };
  const { withheld } = guardPlan(aGuardRequest({ nodes: ["node-1"], complete: false, policies, network }));
  expect(withheld.map((it) => it.violation.detail).join()).not.toContain("api-server");
});
