/** Only what is named here gets into the bundle; the client is made at the first use. */
import { DescribeInstancesCommand, EC2Client, type DescribeInstancesCommandInput } from "@aws-sdk/client-ec2";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function ec2Calls(options: AwsOptions) {
  const client = new EC2Client(clientOptions(options));
  return {
    describeInstances: (input: DescribeInstancesCommandInput, abortSignal: AbortSignal) =>
      client.send(new DescribeInstancesCommand(input), { abortSignal }),
  };
}
