import type { UnfitReason } from "../model/desired.ts";
import type { Node } from "../model/node.ts";

const COMPUTE_TYPE = "eks.amazonaws.com/compute-type";
const KARPENTER_UNREGISTERED = "karpenter.sh/unregistered";

/** Why no Felix will ever enforce a HostEndpoint on this node; undefined when one may. */
export function unfitness(node: Node): { readonly reason: UnfitReason; readonly detail: string } | undefined {
  const systems = [node.operatingSystem, node.labels["kubernetes.io/os"]];
  if (systems.some((it) => it?.toLowerCase() === "windows"))
    return { reason: "windows", detail: "Calico enforces no host endpoints on Windows" };
  const computeType = node.labels[COMPUTE_TYPE];
  if (computeType === "fargate" || node.providerId?.includes("/fargate-") === true)
    return { reason: "fargate", detail: "a Fargate node runs no Felix" };
  if (computeType === "auto")
    return {
      reason: "auto-mode",
      detail: "EKS Auto Mode allows no other CNI than its own, so no Felix runs there",
    };
  if (computeType === "hybrid")
    return {
      reason: "hybrid",
      detail: "a hybrid node's addresses are not known to EC2; select it in a template of its own",
    };
  return undefined;
}

/** True while Karpenter has not finished labelling the node (docs/aws.md 3.4). */
export function areLabelsSettling(node: Node): boolean {
  return node.taints.some((it) => it.key === KARPENTER_UNREGISTERED);
}
