import type { Node } from "./node.ts";

/** Labels that name the group a node belongs to, the first that a node has counts (docs/aws.md 5). */
const GROUP_LABELS = ["eks.amazonaws.com/nodegroup", "karpenter.sh/nodepool"] as const;

/** The managed node group or Karpenter pool of a node; all nodes without one are one group. */
export function nodeGroupOf(node: Pick<Node, "labels">): string {
  for (const label of GROUP_LABELS) {
    const group = node.labels[label];
    if (group !== undefined) return group;
  }
  return "(no group)";
}
