import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CfnOutput, Stage } from "aws-cdk-lib";
import { Construct } from "constructs";
import { rbacYaml } from "../../lib/names/cluster-role.ts";
import type { ClusterSettings } from "../settings.ts";

/** Name of the file in the cloud assembly of one stack. */
export const RBAC_FILE = "rbac.yaml";

export type ClusterRbacProps = { readonly settings: ClusterSettings; readonly file: string };

/**
 * What the cluster must grant us, as a file beside the template. A person (or GitOps) applies it: a stack that spoke to the
 * cluster would need cluster-admin to make a ClusterRole (aws/containers-roadmap#2682), and could not be deleted once the
 * cluster is gone.
 */
export class ClusterRbac extends Construct {
  readonly nextStep: CfnOutput;

  constructor(scope: Construct, id: string, { settings, file }: ClusterRbacProps) {
    super(scope, id);
    const folder = Stage.of(this)?.outdir ?? ".";
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), rbacYaml({ probe: settings.canary.probe }));
    this.nextStep = new CfnOutput(this, "NextStep", {
      description: "Run this once, as somebody who may make ClusterRoles",
      value: `npm run --silent hepctl -- rbac${settings.canary.probe ? " --with probe" : ""} | kubectl apply -f -`,
    });
  }
}
