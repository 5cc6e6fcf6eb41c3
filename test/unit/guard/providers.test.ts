/** Whose cluster: what nodes serve themselves is essential, what only another platform has is not, and a sign takes nothing away. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { prepareProof } from "../../../lib/guard/proof/prepare-proof.ts";
import { needs } from "../../../lib/guard/proof/prove-plan.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { Node } from "../../../lib/model/node.ts";
import { aGlobalNetworkPolicy, aGuardRequest, type GuardSketch } from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

const listing = (address: string) => [{ type: "InternalIP" as const, address }];
/** A bare machine: it bears no provider ID. */
function bare(
  name: string,
  address: string,
  labels: Readonly<Record<string, string>> = {},
  providerId?: string,
): Node {
  const { providerId: _none, ...node } = aNode({ name, addresses: listing(address), labels });
  return providerId === undefined ? node : { ...node, providerId };
}
const CONTROL_PLANE = { "node-role.kubernetes.io/control-plane": "" };

/** Lets everything in that nodes usually need, from the nodes, and nothing to the API server's port. */
const usual = (...ports: readonly number[]) =>
  aGlobalNetworkPolicy("usual", {
    selector: "all()",
    types: ["Ingress"],
    ingress: [
      { action: "Allow", source: { nets: ["127.0.0.0/8", "169.254.20.10/32"] } },
      {
        action: "Allow",
        protocol: "TCP",
        destination: { ports: [10_250, 10_256, 5_473, 2_379, 2_380, ...ports] },
      },
      { action: "Allow", protocol: "UDP", destination: { ports: [68, 546] } },
      { action: "Allow", protocol: "ICMP" },
      { action: "Allow", protocol: "ICMPv6" },
    ],
  });
/** Calico's own failsafes hold 6443 open; who replaces the list loses it. */
const noFailsafes = {
  apiVersion: "crd.projectcalico.org/v1",
  kind: "FelixConfiguration",
  metadata: { name: "default" },
  spec: { failsafeInboundHostPorts: [] },
};
const withheld = (sketch: GuardSketch) =>
  guardPlan(aGuardRequest(sketch)).withheld.map((it) => [it.action.node, it.violation.reason]);

describe("a node that serves the API is withheld where its own port would be closed, and its workers are not", () => {
  test.each<[string, Node, readonly Node[], number, readonly number[]]>([
    ["kubeadm", bare("cp", "172.18.0.2", CONTROL_PLANE), [bare("w", "172.18.0.3")], 6_443, []],
    [
      "MicroK8s",
      bare("cp", "172.18.0.2", {
        "node.kubernetes.io/microk8s-controlplane": "",
        "microk8s.io/cluster": "true",
      }),
      [bare("w", "172.18.0.3", { "microk8s.io/cluster": "true" })],
      16_443,
      [25_000, 19_001],
    ],
    [
      "RKE2",
      bare("cp", "172.18.0.2", CONTROL_PLANE, "rke2://cp"),
      [bare("w", "172.18.0.3", {}, "rke2://w")],
      6_443,
      [9_345],
    ],
    [
      "k3s",
      bare("cp", "172.18.0.2", CONTROL_PLANE, "k3s://cp"),
      [bare("w", "172.18.0.3", {}, "k3s://w")],
      6_443,
      [],
    ],
    [
      "kind",
      bare("cp", "172.18.0.2", CONTROL_PLANE, "kind://docker/kind/cp"),
      [bare("w", "172.18.0.3", {}, "kind://docker/kind/w")],
      6_443,
      [],
    ],
    ["without any mark", bare("cp", "172.18.0.2"), [bare("w", "172.18.0.3")], 443, []],
    [
      "self-made on EC2",
      bare("cp", "172.18.0.2", CONTROL_PLANE, "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa"),
      [bare("w", "172.18.0.3", {}, "aws:///eu-west-1a/i-0bbbbbbbbbbbbbbbb")],
      6_443,
      [],
    ],
  ])("%s", (name, server, workers, port, others) => {
    const network = { apiServers: [{ address: "172.18.0.2", port }] };
    const sketch = { nodes: [server, ...workers], network, felix: [noFailsafes] };
    expect(withheld({ ...sketch, policies: [usual(...others)] })).toEqual([["cp", "essential-flow-cut"]]);
    // Nobody recognises the cluster: a policy takes hold of its server only when a person says what it needs.
    const unknown = name === "without any mark" ? [["cp", "provider-unknown"]] : [];
    expect(withheld({ ...sketch, policies: [usual(port, ...others)] })).toEqual(unknown);
  });

  test("what joins there counts too", () => {
    const nodes = [
      bare("cp", "172.18.0.2", CONTROL_PLANE, "rke2://cp"),
      bare("w", "172.18.0.3", {}, "rke2://w"),
    ];
    const network = { apiServers: [{ address: "172.18.0.2", port: 6_443 }] };
    expect(withheld({ nodes, network, felix: [noFailsafes], policies: [usual(6_443)] })).toEqual([
      ["cp", "essential-flow-cut"],
    ]);
  });

  test("a marked node keeps the usual port where the API servers say nothing of themselves", () => {
    const nodes = [bare("cp", "172.18.0.2", CONTROL_PLANE), bare("w", "172.18.0.3")];
    const network = {};
    expect(withheld({ nodes, network, felix: [noFailsafes], policies: [usual()] })).toContainEqual([
      "cp",
      "essential-flow-cut",
    ]);
  });
});

describe("nobody is held back for what only another platform has", () => {
  /** Everything but the addresses that AWS's machines live on. */
  const notAws = aGlobalNetworkPolicy("not-aws", {
    selector: "all()",
    types: ["Egress"],
    egress: [
      {
        action: "Deny",
        destination: { nets: ["169.254.169.253/32", "169.254.169.254/32", "169.254.169.123/32"] },
      },
      { action: "Deny", protocol: "TCP", destination: { nets: ["127.0.0.1/32"], ports: [50_051] } },
      { action: "Allow" },
    ],
  });
  const network = { apiServers: [{ address: "172.18.0.2", port: 6_443 }] };
  test.each([
    ["bare machines", undefined],
    ["kind", "kind://docker/kind/w"],
    ["k3s", "k3s://w"],
    ["AKS", "azure:///subscriptions/s/w"],
  ])("%s", (_name, providerId) => {
    const azure = providerId?.startsWith("azure") === true;
    expect(
      withheld({ nodes: [bare("w", "172.18.0.3", {}, providerId)], network, policies: [notAws] }),
    ).toEqual(
      // Azure's metadata has the same address as AWS's.
      azure ? [["w", "essential-flow-cut"]] : [],
    );
  });

  test("a node of EC2 is", () => {
    const node = bare("w", "172.18.0.3", {}, "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa");
    expect(withheld({ nodes: [node], network, policies: [notAws] })).toEqual([["w", "essential-flow-cut"]]);
  });

  test("Azure's platform address is essential on Azure, and nowhere else", () => {
    const platform = aGlobalNetworkPolicy("no-platform", {
      selector: "all()",
      types: ["Egress"],
      egress: [{ action: "Deny", destination: { nets: ["168.63.129.16/32"] } }, { action: "Allow" }],
    });
    const nodes = [bare("a", "172.18.0.3", {}, "azure:///subscriptions/s/a"), bare("b", "172.18.0.4")];
    expect(withheld({ nodes, network, policies: [platform] })).toEqual([["a", "essential-flow-cut"]]);
  });
});

test("law: a sign that one node forges takes no flow away, and adds none to another", () => {
  const sign = fc.record({
    labels: fc.dictionary(
      fc.constantFrom(
        ...Object.keys(CONTROL_PLANE),
        "microk8s.io/cluster",
        "node.kubernetes.io/instance-type",
      ),
      fc.constantFrom("", "rke2", "true"),
    ),
    providerId: fc.constantFrom(
      undefined,
      "rke2://x",
      "azure:///x",
      "gce://x",
      "aws:///eu-west-1a/i-0aaaaaaaaaaaaaaaa",
    ),
  });
  const nodes = [bare("cp", "172.18.0.2", CONTROL_PLANE), bare("w", "172.18.0.3"), bare("x", "172.18.0.4")];
  const network = { apiServers: [{ address: "172.18.0.2", port: 6_443 }] };
  const flowsOf = (fleet: readonly Node[]) => {
    const { snapshot, safety } = aGuardRequest({ nodes: fleet, network });
    const { flows } = prepareProof(snapshot, safety);
    return (name: string) => {
      const node = fleet.find((it) => it.name === name);
      return node === undefined ? [] : flows.filter((it) => needs(it, node)).map((it) => it.flow.id);
    };
  };
  const before = flowsOf(nodes);
  /** What the members of a control plane say to each other grows with its members. */
  const between = /^(etcd|dqlite)/;
  fc.assert(
    fc.property(sign, ({ labels, providerId }) => {
      const after = flowsOf([...nodes.slice(0, 2), bare("x", "172.18.0.4", labels, providerId)]);
      expect(after("x")).toEqual(expect.arrayContaining(before("x")));
      expect(after("w")).toEqual(before("w"));
      expect(after("cp").filter((it) => !between.test(it))).toEqual(
        before("cp").filter((it) => !between.test(it)),
      );
    }),
    { numRuns: lawRuns(300) },
  );
});
