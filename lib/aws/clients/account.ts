/** What people are told about an account. Apart from the clients of the functions: none of this gets into their bundles. */
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  type Filter,
} from "@aws-sdk/client-auto-scaling";
import { EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { clientOptions, type AwsOptions } from "../client-options.ts";

/** Which groups: by name, or by what they are tagged with. */
export type GroupQuery = {
  readonly names?: readonly string[];
  readonly filters?: readonly Filter[];
  readonly nextToken?: string;
};

export function accountCalls(options: AwsOptions) {
  const shared = clientOptions(options);
  const eks = new EKSClient(shared);
  const autoScaling = new AutoScalingClient(shared);
  const sts = new STSClient(shared);
  const ssm = new SSMClient(shared);
  return {
    callerIdentity: (abortSignal: AbortSignal) => sts.send(new GetCallerIdentityCommand({}), { abortSignal }),
    listClusters: (nextToken: string | undefined, abortSignal: AbortSignal) =>
      eks.send(new ListClustersCommand({ nextToken }), { abortSignal }),
    describeGroups: ({ names, filters, nextToken }: GroupQuery, abortSignal: AbortSignal) =>
      autoScaling.send(
        new DescribeAutoScalingGroupsCommand({
          NextToken: nextToken,
          ...(names === undefined ? {} : { AutoScalingGroupNames: [...names] }),
          ...(filters === undefined ? {} : { Filters: [...filters] }),
        }),
        { abortSignal },
      ),
    getParameter: (Name: string, abortSignal: AbortSignal) =>
      ssm.send(new GetParameterCommand({ Name }), { abortSignal }),
  };
}
