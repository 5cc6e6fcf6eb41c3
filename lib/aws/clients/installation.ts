/**
 * What `hepctl doctor` asks of AWS. Apart from the clients of the functions, so that none of these commands gets into their
 * bundles.
 */
import {
  DescribeAccessEntryCommand,
  DescribeNodegroupCommand,
  EKSClient,
  ListNodegroupsCommand,
} from "@aws-sdk/client-eks";
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRuleNamesByTargetCommand,
} from "@aws-sdk/client-eventbridge";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, SQSClient, type QueueAttributeName } from "@aws-sdk/client-sqs";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function installationCalls(options: AwsOptions) {
  const shared = clientOptions(options);
  const eks = new EKSClient(shared);
  const lambda = new LambdaClient(shared);
  const events = new EventBridgeClient(shared);
  const sqs = new SQSClient({ ...shared, useQueueUrlAsEndpoint: false });
  return {
    describeAccessEntry: (clusterName: string, principalArn: string, abortSignal: AbortSignal) =>
      eks.send(new DescribeAccessEntryCommand({ clusterName, principalArn }), { abortSignal }),
    listNodegroups: (clusterName: string, nextToken: string | undefined, abortSignal: AbortSignal) =>
      eks.send(new ListNodegroupsCommand({ clusterName, nextToken }), { abortSignal }),
    describeNodegroup: (clusterName: string, nodegroupName: string, abortSignal: AbortSignal) =>
      eks.send(new DescribeNodegroupCommand({ clusterName, nodegroupName }), { abortSignal }),
    getFunction: (FunctionName: string, abortSignal: AbortSignal) =>
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), { abortSignal }),
    listEventSources: (FunctionName: string, abortSignal: AbortSignal) =>
      lambda.send(new ListEventSourceMappingsCommand({ FunctionName }), { abortSignal }),
    listRulesOf: (TargetArn: string, abortSignal: AbortSignal) =>
      events.send(new ListRuleNamesByTargetCommand({ TargetArn }), { abortSignal }),
    describeRule: (Name: string, abortSignal: AbortSignal) =>
      events.send(new DescribeRuleCommand({ Name }), { abortSignal }),
    queueAttributes: (QueueUrl: string, name: QueueAttributeName, abortSignal: AbortSignal) =>
      sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }), { abortSignal }),
  };
}
export type InstallationCalls = ReturnType<typeof installationCalls>;
