/** Only what is named here gets into the bundle; the client is made at the first use. */
import {
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  EC2Client,
  type DescribeInstancesCommandInput,
  type DescribeVpcsCommandInput,
} from "@aws-sdk/client-ec2";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function ec2Calls(options: AwsOptions) {
  const client = new EC2Client(clientOptions(options));
  return {
    describeInstances: (input: DescribeInstancesCommandInput, abortSignal: AbortSignal) =>
      client.send(new DescribeInstancesCommand(input), { abortSignal }),
    describeVpcs: (input: DescribeVpcsCommandInput, abortSignal: AbortSignal) =>
      client.send(new DescribeVpcsCommand(input), { abortSignal }),
  };
}
