import { describe, expect, test } from "@jest/globals";
import { Validations } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Queue } from "aws-cdk-lib/aws-sqs";
import type { App } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { aStack, anApp, EVERYTHING, LANDING_ZONE } from "./a-stack.ts";

/**
 * Synthesizes as a deployment does, and returns what was not let pass: by cdk-nag, and by CDK's own rules for templates
 * (`core:validateAgainstDefaultRules` in cdk.json).
 */
function violationsOf(app: App): readonly string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    app.synth();
    return [];
  } catch (error) {
    const found = [...String(error).matchAll(/^ +(\S+).*\n +Acknowledge with '(.+)'/gm)];
    if (found.length === 0) throw error;
    return found.map(([, place, rule]) => `${rule} at ${place}`).sort();
  }
}

describe("cdk-nag's AwsSolutions rules and CDK's own", () => {
  test.each([
    ["the default settings", {}],
    ["every setting that adds resources", EVERYTHING],
    ["a topic of the user's own", { alarms: { topicArn: "arn:aws:sns:eu-west-1:111122223333:ours" } }],
    ["managed node groups only", { lifecycle: { managedNodeGroups: true } }],
    ["a landing zone", { ...EVERYTHING, ...LANDING_ZONE }],
    ["a cluster in China", { cluster: { name: "prod", region: "cn-north-1", account: "111122223333" } }],
  ])("pass for %s", (_name, changes) => {
    const app = anApp();
    aStack(app, changes);
    expect(violationsOf(app)).toEqual([]);
  });

  test("bite: a wildcard without a reason is found", () => {
    const app = anApp();
    const stack = aStack(app);
    const role = new Role(stack, "Careless", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    role.addToPolicy(new PolicyStatement({ actions: ["sqs:*"], resources: ["*"] }));
    expect(violationsOf(app)).toEqual([
      "AwsSolutions::AwsSolutions-IAM5[Action::sqs:*] at hostendpoint-reconciler-prod/Careless/DefaultPolicy/Resource",
      "AwsSolutions::AwsSolutions-IAM5[Resource::*] at hostendpoint-reconciler-prod/Careless/DefaultPolicy/Resource",
    ]);
  });

  test("bite: a queue that anybody may read over plain HTTP is found", () => {
    const app = anApp();
    new Queue(aStack(app), "Open");
    expect(violationsOf(app)).toEqual([
      "AwsSolutions::AwsSolutions-SQS3 at hostendpoint-reconciler-prod/Open/Resource",
      "AwsSolutions::AwsSolutions-SQS4 at hostendpoint-reconciler-prod/Open/Resource",
    ]);
  });
});
