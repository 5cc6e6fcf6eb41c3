import type { KubernetesObject, StringMap } from "../../lib/model/kubernetes-object.ts";
import type { Node, NodeAddress } from "../../lib/model/node.ts";
import { projectNode } from "../../lib/model/project-node.ts";

/** What a test may say of a Node; everything has a default that fits a healthy Linux node on EKS. */
export type NodeSketch = {
  readonly name?: string;
  readonly uid?: string;
  readonly providerId?: string;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly addresses?: readonly NodeAddress[];
  /** Taint keys. */
  readonly taints?: readonly string[];
  readonly ready?: "True" | "False" | "Unknown";
  readonly operatingSystem?: string;
  readonly podCidrs?: readonly string[];
  readonly createdAt?: string;
  readonly deleting?: boolean;
};

/** A Node of the model: what `listNodes` answers for `aNodeObject` of the same sketch. */
export function aNode(sketch: NodeSketch = {}): Node {
  return projectNode(aNodeObject(sketch));
}

/** A Node as the API serves it. */
export function aNodeObject(sketch: NodeSketch = {}): KubernetesObject {
  const name = sketch.name ?? "ip-10-0-1-5.eu-west-1.compute.internal";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      uid: sketch.uid ?? `uid-of-${name}`,
      creationTimestamp: sketch.createdAt ?? "2026-11-22T00:00:00Z",
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": sketch.operatingSystem ?? "linux",
        ...sketch.labels,
      },
      annotations: sketch.annotations ?? {},
      ...(sketch.deleting === true
        ? { deletionTimestamp: "2026-11-22T01:00:00Z", finalizers: ["example.com/wait"] }
        : {}),
    },
    spec: {
      providerID: sketch.providerId ?? `aws:///eu-west-1a/${instanceIdFor(name)}`,
      podCIDRs: sketch.podCidrs ?? [],
      taints: (sketch.taints ?? []).map((key) => ({ key, effect: "NoSchedule" })),
    },
    status: {
      addresses: sketch.addresses ?? [
        { type: "InternalIP", address: addressFor(name) },
        { type: "Hostname", address: name },
      ],
      conditions: [{ type: "Ready", status: sketch.ready ?? "True" }],
      nodeInfo: { operatingSystem: sketch.operatingSystem ?? "linux" },
    },
  };
}

/** `count` Nodes named `node-0000` and so on, each with an address of its own. */
export function someNodeObjects(count: number, sketch: NodeSketch = {}): readonly KubernetesObject[] {
  return Array.from({ length: count }, (_, index) =>
    aNodeObject({ ...sketch, name: `${sketch.name ?? "node"}-${String(index).padStart(4, "0")}` }),
  );
}

/** The address that a default Node of this name has: from `ip-10-0-1-5…`, or from the number in the name. */
export function addressFor(name: string): string {
  const spelled = /^ip-(\d+)-(\d+)-(\d+)-(\d+)/.exec(name);
  if (spelled !== null) return spelled.slice(1, 5).join(".");
  const number = Number(/(\d+)/.exec(name)?.[1] ?? 0) + 1;
  return `10.0.${(number >> 8) & 255}.${number & 255}`;
}

/** The instance id in a default Node's provider ID. */
export function instanceIdFor(name: string): string {
  return `i-${Buffer.from(name).toString("hex").slice(-17).padStart(17, "0")}`;
}
