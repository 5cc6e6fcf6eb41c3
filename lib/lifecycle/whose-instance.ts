/**
 * Whose machine an EC2 instance is. EventBridge cannot tell clusters apart, so events of every machine of the account arrive.
 *
 * In: what EC2 says of it, and what we know without asking anybody. Out: one word.
 * Must never happen: a machine that is called ours without evidence. That costs requests, and its hook would be answered.
 */
import type { Instance } from "../model/instance.ts";

/** `unknown`: EC2 does not describe it (yet, or any more), and nothing else speaks for it. */
export type InstanceOwner = "ours" | "other-cluster" | "not-ours" | "unknown";

export type OwnershipEvidence = {
  /** Name of our cluster. */
  readonly cluster: string;
  /** Groups that the settings name. */
  readonly autoScalingGroups: readonly string[];
  /** The cluster's own security group, when EKS has said it lately. */
  readonly securityGroup?: string | undefined;
  /** True when the last look at the whole cluster saw a Node or an endpoint of ours with this instance's provider id. */
  readonly isSeen: boolean;
  /** The group that a lifecycle event names. */
  readonly group?: string | undefined;
};

/**
 * A cluster's tag decides before anything else: EKS, Karpenter and self-managed nodes bear one (docs/aws.md 3.4), and a Node's
 * provider id is what a kubelet says of itself.
 */
export function whoseInstance(instance: Instance | undefined, evidence: OwnershipEvidence): InstanceOwner {
  if (instance === undefined) return evidence.isSeen ? "ours" : "unknown";
  if (instance.clusters.length > 0)
    return instance.clusters.includes(evidence.cluster) ? "ours" : "other-cluster";
  const groups = [instance.autoScalingGroup, evidence.group];
  const isInGroup = groups.some((it) => it !== undefined && evidence.autoScalingGroups.includes(it));
  const isInside =
    evidence.securityGroup !== undefined && (instance.securityGroups ?? []).includes(evidence.securityGroup);
  return isInGroup || evidence.isSeen || isInside ? "ours" : "not-ours";
}
