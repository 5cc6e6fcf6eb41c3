import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import type { CloudFormationClientConfig, StackResource } from "@aws-sdk/client-cloudformation";
import type { Template } from "./for-localstack.ts";

export type DeployedStack = {
  readonly resources: readonly StackResource[];
  /** Physical id of the one resource that CDK made of this path (a logical id is the path and eight hexadecimal digits). */
  readonly physicalId: (path: string) => string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Deletes the stack and waits until it is gone. */
  readonly destroy: () => Promise<void>;
};

/** Creates a stack through CloudFormation and waits for it. @throws Error with the reason of each resource that failed. */
export async function deployTemplate(
  configuration: CloudFormationClientConfig,
  stackName: string,
  template: Template,
): Promise<DeployedStack> {
  const client = new CloudFormationClient(configuration);
  const waiter = { client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 };
  await client.send(
    new CreateStackCommand({
      StackName: stackName,
      TemplateBody: JSON.stringify(template),
      Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
      OnFailure: "DO_NOTHING",
    }),
  );
  try {
    await waitUntilStackCreateComplete(waiter, { StackName: stackName });
  } catch (error) {
    throw new Error(`stack ${stackName}: ${await reasons(client, stackName)}`, { cause: error });
  }
  const { StackResources: resources = [] } = await client.send(
    new DescribeStackResourcesCommand({ StackName: stackName }),
  );
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
  return {
    resources,
    physicalId: (path) => {
      const logicalId = new RegExp(`^${path}[0-9A-F]{8}$`);
      const found = resources.filter(({ LogicalResourceId = "" }) => logicalId.test(LogicalResourceId));
      const id = found[0]?.PhysicalResourceId;
      if (found.length !== 1 || id === undefined)
        throw new Error(`${found.length} resources are called ${path}`);
      return id;
    },
    outputs: Object.fromEntries(
      (stack?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
    ),
    destroy: async () => {
      await client.send(new DeleteStackCommand({ StackName: stackName }));
      await waitUntilStackDeleteComplete(waiter, { StackName: stackName });
      client.destroy();
    },
  };
}

async function reasons(client: CloudFormationClient, stackName: string): Promise<string> {
  const { StackResources = [] } = await client.send(
    new DescribeStackResourcesCommand({ StackName: stackName }),
  );
  return StackResources.filter(({ ResourceStatus }) => !ResourceStatus?.endsWith("_COMPLETE"))
    .map(
      ({ LogicalResourceId, ResourceType, ResourceStatusReason }) =>
        `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? "no reason given"}`,
    )
    .join("; ");
}
