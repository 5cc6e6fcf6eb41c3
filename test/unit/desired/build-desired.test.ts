import { describe, expect, test } from "@jest/globals";
import type { Settings } from "../../../lib/config/settings.ts";
import { parseSettings } from "../../../lib/config/settings.ts";
import { buildDesired } from "../../../lib/desired/build-desired.ts";
import type { Node } from "../../../lib/model/node.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../../../lib/names/names.ts";
import { aNode } from "../../builders/a-node.ts";

function templates(...endpoints: readonly object[]): Settings["endpoints"] {
  const parsed = parseSettings(endpoints.length === 0 ? {} : { endpoints }, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings.endpoints;
}

function desiredOf(nodes: readonly Node[], ...endpoints: readonly object[]) {
  return buildDesired({ scope: { kind: "cluster" }, nodes, templates: templates(...endpoints), owner: "us" })
    .nodes;
}

function onlyEndpoint(node: Node, ...endpoints: readonly object[]) {
  const [desired] = desiredOf([node], ...endpoints);
  if (desired?.kind !== "wanted" || desired.endpoints[0] === undefined)
    throw new Error(JSON.stringify(desired));
  return desired.endpoints[0];
}

describe("labels", () => {
  const node = {
    ...aNode(),
    labels: { "kubernetes.io/hostname": "a", tier: "db", "node.kubernetes.io/x": "1" },
  };

  test("all Node labels are copied, kubernetes.io/hostname included, and the owner is added", () => {
    expect(onlyEndpoint(node).labels).toEqual({
      "kubernetes.io/hostname": "a",
      tier: "db",
      "node.kubernetes.io/x": "1",
      [OWNER_LABEL]: "us",
    });
  });

  test("include and exclude match from the beginning of the key, exclude wins, set wins over all", () => {
    const labels = {
      include: ["t", "kube"],
      exclude: ["kubernetes.io/host"],
      set: { tier: "web", extra: "1" },
    };
    expect(onlyEndpoint(node, { labels }).labels).toEqual({ tier: "web", extra: "1", [OWNER_LABEL]: "us" });
  });

  test("Calico's created-by label is never copied: with it, Calico would delete the endpoint", () => {
    const marked = { ...aNode(), labels: { [CALICO_CREATED_BY_LABEL]: "calico-kube-controllers" } };
    expect(onlyEndpoint(marked).labels).toEqual({ [OWNER_LABEL]: "us" });
  });
});

describe("addresses", () => {
  const internal = (...all: readonly string[]) =>
    all.map((address) => ({ type: "InternalIP", address }) as const);
  const ec2 = { name: "worker-1", providerId: "aws:///eu-west-1a/i-0abc" };
  const provided = (value: string) => ({ "alpha.kubernetes.io/provided-node-ip": value });

  test.each([
    ["IPv4 only", aNode({ ...ec2, addresses: internal("10.0.0.7") }), ["10.0.0.7"]],
    ["IPv6 only", aNode({ ...ec2, addresses: internal("2600:1f13::7") }), ["2600:1f13::7"]],
    [
      "dual stack, in one field",
      aNode({ ...ec2, addresses: internal("10.0.0.7", "2600:1f13::7") }),
      ["10.0.0.7", "2600:1f13::7"],
    ],
    [
      "secondary interfaces: what the kubelet was told decides",
      aNode({
        ...ec2,
        annotations: provided("10.0.0.7"),
        addresses: internal("100.64.0.3", "10.0.0.7", "100.64.0.9"),
      }),
      ["10.0.0.7"],
    ],
    [
      "flapping to a pod address: the name adds none, for the node chose it",
      aNode({
        name: "ip-10-0-0-7.eu-west-1.compute.internal",
        providerId: ec2.providerId,
        addresses: internal("100.64.0.3"),
      }),
      ["100.64.0.3"],
    ],
    [
      "flapping to a pod address: EC2's word, or what the endpoint has, counts",
      {
        ...aNode({
          name: "ip-10-0-0-7.eu-west-1.compute.internal",
          providerId: ec2.providerId,
          addresses: internal("100.64.0.3"),
        }),
        primaryAddresses: ["10.0.0.7"],
      },
      ["10.0.0.7"],
    ],
    [
      "the kubelet's own word adds no address, least of all one on the internet",
      aNode({ ...ec2, annotations: provided("203.0.113.9"), addresses: internal("10.0.0.7") }),
      ["10.0.0.7"],
    ],
    [
      "what is no node's is never written",
      aNode({
        name: "n",
        providerId: "kind://x",
        addresses: internal(
          "127.0.0.1",
          "0.0.0.0",
          "224.0.0.1",
          "169.254.169.254",
          "fe80::1",
          "168.63.129.16",
          "10.0.0.7",
        ),
      }),
      ["10.0.0.7"],
    ],
    [
      "at most sixteen of a kind",
      aNode({
        name: "n",
        providerId: "kind://x",
        addresses: internal(...Array.from({ length: 300 }, (_, it) => `10.0.${it >> 8}.${it & 255}`)),
      }),
      Array.from({ length: 16 }, (_, it) => `10.0.0.${it}`).sort(),
    ],
    [
      "0.0.0.0 as node address only orders the families",
      aNode({ ...ec2, annotations: provided("0.0.0.0"), addresses: internal("10.0.0.7") }),
      ["10.0.0.7"],
    ],
    [
      "outside EC2 every InternalIP belongs to the node",
      aNode({
        name: "kind-worker",
        providerId: "kind://docker/kind/worker",
        addresses: internal("172.18.0.3", "172.18.0.2"),
      }),
      ["172.18.0.2", "172.18.0.3"],
    ],
    [
      "garbage is left out, spelling is made canonical",
      aNode({
        name: "kind-worker",
        providerId: "kind://x",
        addresses: internal("bogus", "10.0.0.0/8", "FD00:0::1", "10.1", "fe80::1%eth0"),
      }),
      ["fd00::1"],
    ],
  ])("%s", (_, node, expected) => {
    expect(onlyEndpoint(node).expectedIPs).toEqual(expected);
  });

  test("types and CIDRs choose", () => {
    const node = aNode({
      ...ec2,
      addresses: [...internal("10.0.0.7"), { type: "ExternalIP", address: "52.1.2.3" }],
    });
    expect(onlyEndpoint(node).expectedIPs).toEqual(["10.0.0.7", "52.1.2.3"]);
    expect(onlyEndpoint(node, { addresses: ["ExternalIP"] }).expectedIPs).toEqual(["52.1.2.3"]);
    expect(onlyEndpoint(node, { cidrs: ["10.0.0.0/8"] }).expectedIPs).toEqual(["10.0.0.7"]);
  });

  test("a node without a usable address waits", () => {
    expect(desiredOf([aNode({ addresses: internal("bogus") })])).toMatchObject([
      { kind: "waiting", reason: "no-address", endpoints: [] },
    ]);
  });
});

describe("nodes", () => {
  test.each([
    ["windows", aNode({ operatingSystem: "windows" })],
    ["fargate", aNode({ labels: { "eks.amazonaws.com/compute-type": "fargate" } })],
    ["auto-mode", aNode({ labels: { "eks.amazonaws.com/compute-type": "auto" } })],
    ["hybrid", aNode({ labels: { "eks.amazonaws.com/compute-type": "hybrid" } })],
  ])("%s is unfit", (reason, node) => {
    expect(desiredOf([node])).toMatchObject([{ kind: "unfit", reason }]);
  });

  test("a node that no template selects is unfit", () => {
    expect(desiredOf([aNode({ labels: {} })], { nodes: "has(x)" })).toMatchObject([
      { kind: "unfit", reason: "no-template" },
    ]);
  });

  test("a node that Karpenter has not finished with gets its endpoint at once and is reported waiting", () => {
    const [desired] = desiredOf([aNode({ taints: ["karpenter.sh/unregistered"] })]);
    expect(desired).toMatchObject({ kind: "waiting", reason: "labels-settling" });
    expect(desired?.kind === "waiting" && desired.endpoints.length).toBe(1);
  });

  test("two nodes never share an endpoint name: the second one is refused with the reason", () => {
    const nodes = [aNode({ name: "a" }), aNode({ name: "a-b" })];
    const result = desiredOf(nodes, { name: "{node}" }, { name: "{node}-b" });
    expect(result[0]).toMatchObject({ kind: "wanted" });
    expect(result[1]).toMatchObject({ kind: "unfit", reason: "invalid-name" });
  });

  test("a name over 253 characters is refused", () => {
    const node = aNode({ name: "n".repeat(250) });
    expect(desiredOf([node], { name: "{node}-main" })).toMatchObject([
      { kind: "unfit", reason: "invalid-name" },
    ]);
  });
});
