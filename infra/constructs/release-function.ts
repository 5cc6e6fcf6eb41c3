import { CfnOutput, Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Role } from "aws-cdk-lib/aws-iam";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { RELEASE_KUBERNETES_GROUP, RELEASE_KUBERNETES_USER } from "../../lib/names/cluster-role.ts";
import { armedParameterName, hooksParameterName, releaseFunctionName } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";
import type { Alarms } from "./alarms.ts";
import { ClusterFunction } from "./cluster-function.ts";
import { reconcilerMetric } from "./metrics.ts";
import { parameterArn } from "./parameter-arn.ts";

export type ReleaseFunctionProps = {
  readonly settings: ClusterSettings;
  readonly code: Code;
  readonly alarms: Alarms;
};

/** Two writes for each of 5,000 endpoints, with room for an API server in trouble, which is when this is used. */
const RELEASE_TIMEOUT = Duration.minutes(5);

/**
 * Break-glass: gives traffic back, then removes what we own. Nothing invokes it but people, so nothing here grants
 * `lambda:InvokeFunction`; it has its own role and its own group in the cluster, and can create nothing there.
 */
export class ReleaseFunction extends Construct {
  readonly role: Role;
  readonly command: CfnOutput;

  constructor(scope: Construct, id: string, { settings, code, alarms }: ReleaseFunctionProps) {
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
      logOnDestroy: "stay",
      kubernetes: { group: RELEASE_KUBERNETES_GROUP, username: RELEASE_KUBERNETES_USER },
    });
    this.role = member.role;
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ["ssm:PutParameter"],
        resources: [armedParameterName, hooksParameterName].map((nameOf) =>
          parameterArn(this, nameOf(cluster.name, settings.id)),
        ),
      }),
    );

    alarms.when({
      runbook: "release-failed",
      summary: "A release did not give every node its traffic back, or could not be made sure of.",
      // On the outcome, not on Lambda's errors: a refused payload is an answer to whoever sent it, and pages nobody.
      metric: reconcilerMetric(settings, "ReleaseFailed", { period: Duration.minutes(1) }),
    });
    this.command = new CfnOutput(this, "Command", {
      description: "Break-glass: gives traffic back and removes our HostEndpoints",
      value:
        `npm run --silent hepctl -- invoke release --cluster ${cluster.name} --region ${cluster.region} ` +
        `--function ${releaseFunctionName(cluster.name, settings.id)}`,
    });
  }
}
