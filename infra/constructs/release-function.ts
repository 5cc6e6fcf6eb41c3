import { CfnOutput, Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { StringParameter } from "aws-cdk-lib/aws-ssm";
import { Construct } from "constructs";
import { RELEASE_KUBERNETES_GROUP, RELEASE_KUBERNETES_USER } from "../../lib/names/cluster-role.ts";
import { releaseFunctionName } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import type { Alarms } from "./alarms.ts";
import { ClusterFunction } from "./cluster-function.ts";

export type ReleaseFunctionProps = {
  readonly settings: ClusterSettings;
  readonly code: Code;
  readonly alarms: Alarms;
  readonly armed: StringParameter;
};

/** Two writes for each of 5,000 endpoints, with room for an API server in trouble, which is when this is used. */
const RELEASE_TIMEOUT = Duration.minutes(5);

/**
 * Break-glass: gives traffic back, then removes what we own. Nothing invokes it but people, so nothing here grants
 * `lambda:InvokeFunction`; it has its own role and its own group in the cluster, and can create nothing there.
 */
export class ReleaseFunction extends Construct {
  constructor(scope: Construct, id: string, { settings, code, alarms, armed }: ReleaseFunctionProps) {
    super(scope, id);
    const { cluster } = settings;
    const member = new ClusterFunction(this, "Release", {
      settings,
      functionName: releaseFunctionName(cluster.name, settings.id),
      description: `Break-glass for cluster ${cluster.name}: gives traffic back, then removes our HostEndpoints`,
      code,
      memory: 512,
      timeout: RELEASE_TIMEOUT,
      // Who used it and what it did is asked months later.
      logRetention: RetentionDays.ONE_YEAR,
      kubernetes: { group: RELEASE_KUBERNETES_GROUP, username: RELEASE_KUBERNETES_USER },
    });
    member.role.addToPolicy(
      new PolicyStatement({
        actions: ["ssm:GetParameter", "ssm:PutParameter"],
        resources: [armed.parameterArn],
      }),
    );

    alarms.when({
      runbook: "release-failed",
      summary: "The break-glass function failed: some nodes may not have their traffic back.",
      metric: member.function.metricErrors({ period: Duration.minutes(1), statistic: "Sum" }),
    });
    const command = new CfnOutput(this, "Command", {
      description: "Break-glass: gives traffic back and removes our HostEndpoints",
      value:
        `npm run --silent hepctl -- invoke release --cluster ${cluster.name} --region ${cluster.region} ` +
        `--function ${releaseFunctionName(cluster.name, settings.id)}`,
    });
    command.overrideLogicalId("ReleaseCommand");
  }
}
