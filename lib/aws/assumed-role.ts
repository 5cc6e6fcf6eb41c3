import type { AwsOptions } from "./client-options.ts";

/** AWS as the SDK's chain sees it, or as a role that its credentials may assume. */
export async function awsAs(region: string, roleArn: string | undefined): Promise<AwsOptions> {
  if (roleArn === undefined) return { region };
  const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  return {
    region,
    credentials: fromTemporaryCredentials({
      params: { RoleArn: roleArn, RoleSessionName: "hepctl" },
      clientConfig: { region },
    }),
  };
}
