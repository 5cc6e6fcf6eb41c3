import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * The ARN of a parameter that the functions make at its first use. None of them is a resource of the stack: CloudFormation writes a
 * template's value back whenever any property of the resource changes (docs/aws.md e), and would arm a released installation.
 */
export function parameterArn(scope: IConstruct, name: string): string {
  return Stack.of(scope).formatArn({
    service: "ssm",
    resource: "parameter",
    resourceName: name.replace(/^\//, ""),
  });
}
