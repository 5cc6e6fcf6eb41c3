import { CfnAccessEntry } from "aws-cdk-lib/aws-eks";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

export type ClusterAccessProps = {
  readonly clusterName: string;
  readonly role: IRole;
  /** Kubernetes group that the ClusterRoleBinding names. */
  readonly group: string;
  /** Fixed, so that the audit log names us and not a session of an AWS role. */
  readonly username: string;
};

/**
 * Lets an IAM role in as a member of one Kubernetes group; what the group may do, the cluster's owner decides by applying
 * `rbac.yaml` (see `cluster-rbac.ts`). No access policy: EKS has none that covers custom resources but cluster-admin
 * (aws/containers-roadmap#2349). L1, because the L2 `AccessEntry` knows no groups (aws/aws-cdk#30604).
 *
 * EKS keeps the principal by its unique id: an entry outlives its role as a dead one. So the role must have no fixed name;
 * when CloudFormation replaces it, its ARN changes, and `PrincipalArn` replaces the entry with it.
 */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { clusterName, role, group, username }: ClusterAccessProps) {
    super(scope, id);
    new CfnAccessEntry(this, "Entry", {
      clusterName,
      principalArn: role.roleArn,
      type: "STANDARD",
      kubernetesGroups: [group],
      username,
    });
  }
}
