import { Stack } from "aws-cdk-lib";
import { CfnLifecycleHook } from "aws-cdk-lib/aws-autoscaling";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { installationName, lifecycleHookNames } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import { grantWildcard } from "./wildcard.ts";

export type LifecycleHooksProps = {
  readonly settings: ClusterSettings;
  /** Role of the function that answers the hooks. */
  readonly role: Role;
};

/** The tag that EKS puts on the Auto Scaling group of a managed node group. */
const NODE_GROUP_CLUSTER_TAG = "eks:cluster-name";

/**
 * Hooks on the groups that the settings name, and the permission to answer them. The hooks of managed node groups are kept by
 * the resync itself (nobody knows these groups' names at synthesis); only its permission is here.
 */
export class LifecycleHooks extends Construct {
  constructor(scope: Construct, id: string, { settings, role }: LifecycleHooksProps) {
    super(scope, id);
    const names = lifecycleHookNames(settings.id);
    const { heartbeat, launch, managedNodeGroups } = settings.lifecycle;
    for (const group of settings.autoScalingGroups) {
      const defaults = {
        autoScalingGroupName: group,
        heartbeatTimeout: heartbeat,
        // Whose hook this is, for people and in every event that it causes.
        notificationMetadata: installationName(settings.cluster.name, settings.id),
      };
      new CfnLifecycleHook(this, `Launch-${group}`, {
        ...defaults,
        lifecycleHookName: names.launch,
        lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
        defaultResult: launch === "abandon" ? "ABANDON" : "CONTINUE",
      });
      new CfnLifecycleHook(this, `Terminate-${group}`, {
        ...defaults,
        lifecycleHookName: names.terminate,
        lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        // Always: ABANDON would stop the other hooks of the group, EKS's own drain among them, and can park instances (docs/aws.md 3.3).
        defaultResult: "CONTINUE",
      });
      grantWildcard(role, {
        actions: ANSWER_ACTIONS,
        resource: this.#groupArn(group),
        reason: "The ARN of an Auto Scaling group holds a UUID that nobody knows; the group's name is fixed.",
      });
    }
    if (managedNodeGroups) this.#permitNodeGroups(settings, role);
  }

  #permitNodeGroups({ cluster }: ClusterSettings, role: Role): void {
    const stack = Stack.of(this);
    role.addToPolicy(
      new PolicyStatement({
        actions: ["eks:ListNodegroups"],
        resources: [stack.formatArn({ service: "eks", resource: "cluster", resourceName: cluster.name })],
      }),
    );
    grantWildcard(role, {
      actions: ["eks:DescribeNodegroup"],
      resource: stack.formatArn({
        service: "eks",
        resource: "nodegroup",
        resourceName: `${cluster.name}/*/*`,
      }),
      reason: "Node groups come and go, and their ARN ends in a UUID; the cluster is fixed.",
    });
    grantWildcard(role, {
      actions: ["autoscaling:PutLifecycleHook", ...ANSWER_ACTIONS],
      resource: this.#groupArn("eks-*"),
      conditions: { StringEquals: { [`aws:ResourceTag/${NODE_GROUP_CLUSTER_TAG}`]: cluster.name } },
      reason:
        "EKS makes the names of these groups (eks-NODEGROUP-UUID); the condition limits them to this cluster's tag.",
    });
    grantWildcard(role, {
      actions: ["autoscaling:DescribeLifecycleHooks"],
      resource: "*",
      reason: "Auto Scaling and EC2 have no resource-level permission for Describe actions.",
    });
  }

  #groupArn(name: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${name}`;
  }
}

const ANSWER_ACTIONS = ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"];
