/** Who enforces: whatever DaemonSet has a container calico-node, on the nodes that it covers. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { calicoFacts } from "../../../lib/policy/agent/calico-facts.ts";
import { covers } from "../../../lib/policy/agent/covers.ts";
import { environmentsOf } from "../../../lib/policy/agent/environment-for.ts";
import { readAgent } from "../../../lib/policy/agent/read-agent.ts";
import { aCalicoNode, aGuardRequest } from "../../builders/a-guard-request.ts";
import { aNode } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

/** namespace/name of the agents of known installations (docs/calico-versions.md 1). */
const INSTALLATIONS = [
  "kube-system/calico-node",
  "kube-system/canal",
  "kube-system/rke2-canal",
  "calico-system/calico-node",
  "some-where/any-name",
] as const;
const none = [{ name: "FELIX_FAILSAFEOUTBOUNDHOSTPORTS", value: "none" }];

function called(place: string, object: KubernetesObject): KubernetesObject {
  const [namespace = "", name = ""] = place.split("/");
  return { ...object, metadata: { ...object.metadata, namespace, name } };
}

/** An egress policy that leaves DNS to the failsafes. */
const policies = [
  {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "GlobalNetworkPolicy",
    metadata: { name: "egress" },
    spec: {
      selector: "all()",
      types: ["Egress"],
      egress: [
        { action: "Allow", protocol: "TCP" },
        { action: "Allow", protocol: "ICMP" },
        { action: "Allow", protocol: "UDP", destination: { notPorts: [53] } },
      ],
    },
  },
];
const withheldWith = (daemonSets: readonly KubernetesObject[]) =>
  guardPlan(aGuardRequest({ nodes: ["node-1"], policies, daemonSets })).withheld.map(
    (it) => it.violation.reason,
  );

describe("failsafes that the agent switches off are off, whatever the agent is called", () => {
  test.each(INSTALLATIONS)("%s", (place) => {
    expect(withheldWith([called(place, aCalicoNode(none))])).toEqual(["essential-flow-cut"]);
    expect(withheldWith([called(place, aCalicoNode())])).toEqual([]);
  });

  test("a DaemonSet without that container says nothing", () => {
    const other = aCalicoNode(none);
    const spec = { template: { spec: { containers: [{ name: "node", env: none }] } } };
    expect(withheldWith([aCalicoNode(), { ...other, metadata: { name: "other" }, spec }])).toEqual([]);
  });
});

test("law: renaming or moving a DaemonSet changes no verdict", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  fc.assert(
    fc.property(word, word, fc.boolean(), (namespace, name, closed) => {
      const agent = aCalicoNode(closed ? none : []);
      expect(withheldWith([called(`${namespace}/${name}`, agent)])).toEqual(withheldWith([agent]));
    }),
    { numRuns: lawRuns(200) },
  );
});

test("variables count on the nodes that the DaemonSet covers, and nowhere else", () => {
  const [closed, open] = [aCalicoNode(none), aCalicoNode()].map((it, index) => {
    const template = (it.spec?.["template"] as { readonly spec: object }).spec;
    const nodeSelector = { pool: index === 0 ? "a" : "b" };
    return called(`ns/agent-${index}`, {
      ...it,
      spec: { template: { spec: { ...template, nodeSelector } } },
    });
  });
  const facts = calicoFacts({ daemonSets: [closed, open].flatMap((it) => it ?? []) });
  const spec = (pool: string) =>
    environmentsOf(facts).of(
      aNode({ name: "n", labels: { "kubernetes.io/os": "linux", "kubernetes.io/hostname": "n", pool } }),
    )?.spec;
  expect(spec("a")).toEqual({ failsafeOutboundHostPorts: "none" });
  expect(spec("b")).toEqual({});
});

test("what may not be read counts as a list that is empty", () => {
  const source = environmentsOf(calicoFacts({})).of(aNode({ name: "n" }));
  expect(source?.spec).toEqual({ failsafeInboundHostPorts: "none", failsafeOutboundHostPorts: "none" });
});

describe("versions", () => {
  const at = (image: string) => {
    const agent = aCalicoNode();
    return { ...agent, spec: { template: { spec: { containers: [{ name: "calico-node", image }] } } } };
  };
  test.each<[string, readonly string[], string, readonly string[]]>([
    ["the tag of the image", ["quay.io/calico/node:v3.31.7"], "", ["3.31.7"]],
    ["a registry with a port", ["host:5000/calico/node:v3.26.3-gke.13"], "", ["3.26.3"]],
    ["a build of RKE2", ["rancher/hardened-calico:v3.32.1-build20260819"], "", ["3.32.1"]],
    ["a digest alone: ClusterInformation speaks", ["calico/node@sha256:0"], "v3.30.1", ["3.30.1"]],
    ["both, and they differ", ["calico/node:v3.32.1"], "v3.31.7", ["3.31.7", "3.32.1"]],
    ["neither", ["calico/node"], "", []],
    ["one of two agents is unknown", ["calico/node", "calico/node:v3.32.1"], "v3.32.1", []],
  ])("%s", (_what, images, stated, expected) => {
    const { versions } = calicoFacts({ daemonSets: images.map(at) }, stated);
    expect(versions.map((it) => `${it.major}.${it.minor}.${it.patch}`)).toEqual(expected);
  });
});

test("law: covers agrees with Kubernetes' rules by brute force", () => {
  const key = fc.constantFrom("a", "b");
  const value = fc.constantFrom("1", "2");
  const labels = fc.dictionary(key, value, { maxKeys: 2 });
  const requirement = fc.record({
    key,
    operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
  });
  const holds = (
    it: { key: string; operator: string; values: readonly string[] },
    of: Readonly<Record<string, string>>,
  ) => {
    const own = of[it.key];
    switch (it.operator) {
      case "In":
        return own !== undefined && it.values.includes(own);
      case "NotIn":
        return own === undefined || !it.values.includes(own);
      case "Exists":
        return own !== undefined;
      case "DoesNotExist":
        return own === undefined;
      case "Gt":
        return own !== undefined && Number(own) > Number(it.values[0]);
      default:
        return own !== undefined && Number(own) < Number(it.values[0]);
    }
  };
  fc.assert(
    fc.property(labels, labels, fc.array(requirement, { maxLength: 2 }), (own, nodeSelector, given) => {
      const expressions = given.map((it) => {
        const values = it.operator === "Gt" || it.operator === "Lt" ? it.values.slice(0, 1) : it.values;
        return it.operator.endsWith("xist") || it.operator === "Exists"
          ? { ...it, values: [] }
          : { ...it, values };
      });
      const affinity = {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: expressions }],
          },
        },
      };
      const agent = readAgent({
        ...aCalicoNode(),
        spec: {
          template: {
            spec: {
              containers: [{ name: "calico-node" }],
              nodeSelector,
              ...(expressions.length === 0 ? {} : { affinity }),
            },
          },
        },
      });
      if (agent === undefined) throw new Error("it is an agent");
      const node = aNode({
        name: "n",
        labels: { "kubernetes.io/os": "linux", "kubernetes.io/hostname": "n", ...own },
      });
      const expected =
        Object.entries(nodeSelector).every(([name, it]) => own[name] === it) &&
        expressions.every((it) => holds(it, own));
      expect(covers(agent.placement, node)).toBe(expected ? "yes" : "no");
    }),
    { numRuns: lawRuns() },
  );
});
