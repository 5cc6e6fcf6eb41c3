import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { createHash } from "node:crypto";
import { installationName } from "../lib/names/names.ts";
import { RBAC_FILE } from "./constructs/cluster-rbac.ts";
import { Installation, type InstallationProps } from "./constructs/host-endpoint-reconciler.ts";
import type { ClusterSettings } from "./settings.ts";

export type ReconcilerStackProps = Omit<InstallationProps, "rbacFile"> & {
  /** Default: `rbac.yaml`. */
  readonly rbacFile?: string;
};

/**
 * The stack of one cluster: the installation, and nothing else. What becomes of the HostEndpoints (`onDestroy`) is the business of
 * `npm run destroy` (infra/cdk.ts), before the stack goes.
 */
export class ReconcilerStack extends Stack {
  constructor(scope: Construct, { settings, code, rbacFile = RBAC_FILE }: ReconcilerStackProps) {
    const { cluster } = settings;
    super(scope, stackName(settings), {
      env: { account: cluster.account, region: cluster.region },
      description: `Keeps a Calico HostEndpoint for every node of EKS cluster ${cluster.name}`,
    });
    // CDK leaves this name out of logical ids: they are those of stacks that were deployed before there was a construct.
    const { outputs } = new Installation(this, "Default", { settings, code, rbacFile });
    outputs.nextStep.overrideLogicalId("NextStep");
    outputs.releaseCommand.overrideLogicalId("ReleaseCommand");
    outputs.dashboardName.overrideLogicalId("DashboardName");
  }
}

/** A stack's name has no underscore and begins with a letter; a cluster's may. The digest keeps `a_b` and `a-b` apart. */
export function stackName({ cluster, id }: ClusterSettings): string {
  const name = installationName(cluster.name, id);
  const legal = name.replaceAll("_", "-").replace(/^(?=\d)/, "c");
  return legal === name ? name : `${legal}-${createHash("sha256").update(name).digest("hex").slice(0, 6)}`;
}
