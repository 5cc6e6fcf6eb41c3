/** Only what is named here gets into the bundle; the client is made at the first use. */
import { DescribeClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function eksCalls(options: AwsOptions) {
  const client = new EKSClient(clientOptions(options));
  return {
    /** Those that the client signs with: the SDK's chain, cached and renewed by it. */
    credentials: () => client.config.credentials(),
    describeCluster: (name: string, abortSignal: AbortSignal) =>
      client.send(new DescribeClusterCommand({ name }), { abortSignal }),
  };
}
export type EksCalls = ReturnType<typeof eksCalls>;
