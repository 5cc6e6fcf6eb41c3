import { Stack } from "aws-cdk-lib";
import { CfnLifecycleHook } from "aws-cdk-lib/aws-autoscaling";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { installationName, lifecycleHookNames, NODE_GROUP_CLUSTER_TAG } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import { grantWildcard } from "./wildcard.ts";

export type LifecycleHooksProps = {
  readonly settings: ClusterSettings;
  /** Role of the function that answers the hooks, and keeps those of managed node groups. */
  readonly role: Role;
  /** Role of the function that removes them, when somebody asks for it. */
  readonly releaseRole: Role;
};

/** Whether anybody waits for this installation. In stage `observe` no machine does: it must not be touched. */
export function hasHooks({ stage, autoScalingGroups, lifecycle }: ClusterSettings): boolean {
  return stage !== "observe" && (autoScalingGroups.length > 0 || lifecycle.managedNodeGroups);
}

/**
 * Hooks on the groups that the settings name, and the permission to answer them. The hooks of managed node groups are kept by
 * the resync itself (nobody knows these groups' names at synthesis); only its permission is here. What an earlier deployment put
 * there can always be removed: with other settings, nobody would answer it.
 */
export class LifecycleHooks extends Construct {
  constructor(scope: Construct, id: string, { settings, role, releaseRole }: LifecycleHooksProps) {
    super(scope, id);
    const isDeclared = settings.stage !== "observe";
    for (const group of isDeclared ? settings.autoScalingGroups : []) {
      this.#declare(group, settings);
      for (const one of [role, releaseRole])
        grantWildcard(one, {
          actions: one === role ? [COMPLETE, HEARTBEAT] : [COMPLETE],
          resource: this.#groupArn(group),
          reason:
            "The ARN of an Auto Scaling group holds a UUID that nobody knows; the group's name is fixed.",
        });
    }
    const isKept = isDeclared && settings.lifecycle.managedNodeGroups;
    for (const one of [role, releaseRole]) {
      const removing = [COMPLETE, "autoscaling:DeleteLifecycleHook"];
      grantWildcard(one, {
        actions: one === role && isKept ? [...removing, HEARTBEAT, "autoscaling:PutLifecycleHook"] : removing,
        resource: this.#groupArn("eks-*"),
        conditions: {
          StringEquals: { [`aws:ResourceTag/${NODE_GROUP_CLUSTER_TAG}`]: settings.cluster.name },
        },
        reason:
          "EKS makes the names of these groups (eks-NODEGROUP-UUID); the condition limits them to this cluster's tag.",
      });
      grantWildcard(one, {
        actions: [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeLifecycleHooks",
          "autoscaling:DescribeWarmPool",
        ],
        resource: "*",
        reason: "Auto Scaling and EC2 have no resource-level permission for Describe actions.",
      });
    }
  }

  #declare(group: string, { cluster, id, lifecycle }: ClusterSettings): void {
    const names = lifecycleHookNames(id);
    const defaults = {
      autoScalingGroupName: group,
      heartbeatTimeout: lifecycle.heartbeat,
      // Whose hook this is, for people and in every event that it causes.
      notificationMetadata: installationName(cluster.name, id),
    };
    new CfnLifecycleHook(this, `Launch-${group}`, {
      ...defaults,
      lifecycleHookName: names.launch,
      lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      defaultResult: lifecycle.launch === "abandon" ? "ABANDON" : "CONTINUE",
    });
    new CfnLifecycleHook(this, `Terminate-${group}`, {
      ...defaults,
      lifecycleHookName: names.terminate,
      lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      // Always: ABANDON would stop the other hooks of the group, EKS's own drain among them, and can park instances (docs/aws.md 3.3).
      defaultResult: "CONTINUE",
    });
  }

  #groupArn(name: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${name}`;
  }
}

const COMPLETE = "autoscaling:CompleteLifecycleAction";
const HEARTBEAT = "autoscaling:RecordLifecycleActionHeartbeat";
