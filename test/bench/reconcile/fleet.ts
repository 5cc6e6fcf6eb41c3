/** Nodes as EKS serves them: 18 labels, 50 images, 12 KB of JSON each. */
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { someNodeObjects } from "../../builders/a-node.ts";

const labels = (index: number) => ({
  "topology.kubernetes.io/region": "eu-west-1",
  "topology.kubernetes.io/zone": `eu-west-1${"abc"[index % 3] ?? ""}`,
  "node.kubernetes.io/instance-type": `m${5 + (index % 3)}.2xlarge`,
  "eks.amazonaws.com/nodegroup": `group-${index % 20}`,
  "kubernetes.io/arch": "amd64",
  ...Object.fromEntries(
    Array.from({ length: 11 }, (_, label) => [
      `company.example/label-${label}`,
      `value-${(index * label) % 40}`,
    ]),
  ),
});

const images = Array.from({ length: 50 }, (_, index) => ({
  names: [
    `602401143452.dkr.ecr.eu-west-1.amazonaws.com/team-${index % 9}/application-${index}@sha256:${String(index).padStart(64, "0")}`,
    `602401143452.dkr.ecr.eu-west-1.amazonaws.com/team-${index % 9}/application-${index}:v1.${index}`,
  ],
  sizeBytes: 100_000_000 + index,
}));

/** Nodes `from` (inclusive) to `to` (exclusive). */
export function fleetOf(from: number, to: number): readonly KubernetesObject[] {
  return someNodeObjects(to)
    .slice(from)
    .map((node, offset) => ({
      ...node,
      metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels(from + offset) } },
      status: { ...node.status, images },
    }));
}
