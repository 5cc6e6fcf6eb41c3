import { expect, test } from "@jest/globals";
import { createIntern, projectNode } from "../../../lib/model/project-node.ts";
import { aNode, aNodeObject } from "../../builders/a-node.ts";

test("keeps what decides, and nothing else", () => {
  const annotations = {
    "projectcalico.org/IPv4Address": "10.0.0.1/24",
    "alpha.kubernetes.io/provided-node-ip": "10.0.0.1",
    "volumes.kubernetes.io/x": "y",
  };
  const object = aNodeObject({
    name: "n1",
    annotations,
    taints: ["karpenter.sh/unregistered"],
    podCidrs: ["10.1.0.0/24"],
    deleting: true,
  });
  expect(projectNode(object)).toEqual({
    name: "n1",
    uid: "uid-of-n1",
    providerId: object.spec?.["providerID"],
    labels: { "kubernetes.io/hostname": "n1", "kubernetes.io/os": "linux" },
    annotations: {
      "projectcalico.org/IPv4Address": "10.0.0.1/24",
      "alpha.kubernetes.io/provided-node-ip": "10.0.0.1",
    },
    addresses: [
      { type: "InternalIP", address: "10.0.0.2" },
      { type: "Hostname", address: "n1" },
    ],
    taints: [{ key: "karpenter.sh/unregistered", value: "", effect: "NoSchedule" }],
    ready: "True",
    operatingSystem: "linux",
    podCidrs: ["10.1.0.0/24"],
    createdAt: "2026-11-22T00:00:00Z",
    deleting: true,
  });
});

test("a Node with nothing in it, or with garbage, is a Node without anything", () => {
  const empty = {
    name: "n",
    uid: "",
    labels: {},
    annotations: {},
    addresses: [],
    taints: [],
    ready: "Unknown",
    podCidrs: [],
    deleting: false,
  };
  expect(projectNode({ metadata: { name: "n" } })).toEqual(empty);
  const garbage = {
    metadata: { name: "n", uid: 7, labels: "x", annotations: [] },
    spec: { taints: [null, "x", { key: 7 }], providerID: "", podCIDR: "" },
    status: {
      addresses: [null, { type: "InternalIP" }, { address: "10.0.0.1" }],
      conditions: ["x", { type: "Ready", status: "maybe" }],
      nodeInfo: null,
    },
  };
  expect(projectNode(garbage)).toEqual(empty);
});

test("an old podCIDR counts when there is no list", () => {
  expect(projectNode({ metadata: { name: "n" }, spec: { podCIDR: "10.1.0.0/24" } }).podCidrs).toEqual([
    "10.1.0.0/24",
  ]);
});

test("interning changes no value", () => {
  expect(projectNode(aNodeObject(), createIntern())).toEqual(aNode());
});
