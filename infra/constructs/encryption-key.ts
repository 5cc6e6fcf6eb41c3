import { Key, type IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { ClusterSettings } from "../settings.ts";

/** The key of the settings; undefined: each service's own. Its policy is the owner's (infra/RUNBOOK.md, "Landing zones"). */
export function encryptionKey(scope: Construct, { kmsKey }: ClusterSettings): IKey | undefined {
  return kmsKey === undefined ? undefined : Key.fromKeyArn(scope, "Key", kmsKey);
}
