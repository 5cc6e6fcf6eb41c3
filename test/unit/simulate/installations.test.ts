import { expect, test } from "@jest/globals";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { prepareWorld, simulate } from "../../../lib/simulate/simulate.ts";
import { DEFAULT_ALLOW, NODES, aPolicy, anEndpoint, flowOf } from "../policy/worlds.ts";

const agent = (image: string): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "calico-node", namespace: "calico-system" },
  spec: { template: { spec: { containers: [{ name: "calico-node", image }] } } },
});
const information = (calicoVersion: string): KubernetesObject => ({
  apiVersion: "projectcalico.org/v3",
  kind: "ClusterInformation",
  metadata: { name: "default" },
  spec: { calicoVersion },
});
const rules = (name: string, ...ingress: JsonObject[]): KubernetesObject =>
  aPolicy({ types: ["Ingress"], ingress }, name);
const verdict = (objects: readonly KubernetesObject[], flow = flowOf("in tcp/80")) => {
  const { world, notes } = prepareWorld([...NODES, ...objects]);
  const [answer] = simulate(world, [flow], { path: false });
  return { verdict: answer?.verdict, reason: answer?.reason, readings: answer?.readings?.length, notes };
};

const tied = [anEndpoint(), rules("base", { action: "Deny" }), rules("base-open", { action: "Allow" })];

test("files that show no installation are read by the newest state of Calico", () => {
  expect(verdict(tied)).toEqual({ verdict: "allow", reason: "rule", readings: undefined, notes: [] });
});

test("files that show one are read as its version reads them", () => {
  expect(verdict([...tied, agent("calico/node:v3.31.5")])).toMatchObject({ verdict: "deny", notes: [] });
  expect(verdict([...tied, information("v3.31.5")])).toMatchObject({ verdict: "deny", notes: [] });
  expect(verdict([...tied, agent("calico/node:v3.32.0")])).toMatchObject({ verdict: "allow" });
});

test("a roll-out under way, or an image that tells nothing: unknown where the versions differ", () => {
  const differs = { verdict: "unknown", reason: "calico-version", readings: 2 };
  expect(verdict([...tied, agent("calico/node:v3.32.0"), information("v3.31.5")])).toMatchObject(differs);
  expect(verdict([...tied, agent("calico/node@sha256:0a0a")])).toMatchObject(differs);
  expect(verdict([...tied, agent("calico/node@sha256:0a0a")], flowOf("in tcp/22"))).toMatchObject({
    verdict: "allow",
    reason: "failsafe",
  });
});

test("a deny rule with ports and no protocol denies nothing: Felix has no such policy", () => {
  const objects = [
    anEndpoint({ interfaceName: "*", ...DEFAULT_ALLOW }),
    rules("closed", { action: "Deny", destination: { ports: [80, 9443] } }),
  ];
  for (const more of [[], [agent("calico/node:v3.29.7")], [agent("calico/node:latest")]])
    expect(verdict([...objects, ...more])).toMatchObject({ verdict: "allow", reason: "profile" });
});

test("a rule against everybody but everybody never matches", () => {
  const preDnat = aPolicy({
    preDNAT: true,
    applyOnForward: true,
    types: ["Ingress"],
    ingress: [
      { action: "Deny", protocol: "TCP", source: { notNets: ["0.0.0.0/0"] }, destination: { ports: [80] } },
    ],
  });
  expect(verdict([anEndpoint(DEFAULT_ALLOW), preDnat, agent("calico/node:v3.31.0")])).toMatchObject({
    verdict: "allow",
  });
});

test("somebody's own WireGuard in the eBPF dataplane of 3.32.1", () => {
  const bpf: KubernetesObject = {
    apiVersion: "projectcalico.org/v3",
    kind: "FelixConfiguration",
    metadata: { name: "default" },
    spec: { bpfEnabled: true },
  };
  const objects = [anEndpoint({ interfaceName: "*", ...DEFAULT_ALLOW }), bpf];
  const asked = flowOf("in udp/51820");
  expect(verdict([...objects, agent("calico/node:v3.32.1")], asked)).toMatchObject({
    verdict: "deny",
    reason: "encapsulation",
  });
  expect(verdict([...objects, agent("calico/node:v3.31.7")], asked)).toMatchObject({ verdict: "allow" });
  expect(verdict([...objects, agent("calico/node:v3.32.1")], flowOf("in udp/51821"))).toMatchObject({
    verdict: "allow",
  });
});
