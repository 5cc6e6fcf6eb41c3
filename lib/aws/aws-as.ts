import { EKSClient } from "@aws-sdk/client-eks";
import { UsageError } from "../model/errors.ts";
import type { AwsOptions } from "./client-options.ts";

/** As whom AWS is asked, and where. What is left out, the SDK's own resolution finds. */
export type AwsIdentity = {
  readonly region?: string;
  /** Of `~/.aws/config` or `~/.aws/credentials`: keys, SSO, a role, a process, whatever the SDK knows there. */
  readonly profile?: string;
  /** A role that these credentials assume. */
  readonly roleArn?: string;
};

/**
 * AWS as the SDK's chain sees it, or as a role that its credentials may assume.
 * @param what whose region it is, for the message: `cluster prod`
 * @throws UsageError when neither the caller, nor the environment, nor the profile says which region.
 */
export async function awsAs({ region, profile, roleArn }: AwsIdentity, what: string): Promise<AwsOptions> {
  const own = profile === undefined ? {} : { profile };
  const place = { region: region ?? (await regionOfSdk(own, what)), ...own };
  if (roleArn === undefined) return place;
  const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  return {
    region: place.region,
    credentials: fromTemporaryCredentials({
      params: { RoleArn: roleArn, RoleSessionName: "hepctl" },
      clientConfig: place,
    }),
  };
}

/** `AWS_REGION`, else that of the profile. */
async function regionOfSdk(own: { readonly profile?: string }, what: string): Promise<string> {
  const client = new EKSClient(own);
  try {
    return await client.config.region();
  } catch (cause) {
    const where = own.profile === undefined ? "the AWS profile" : `profile ${own.profile}`;
    throw new UsageError(
      `the region of ${what} is not known; add --region, set AWS_REGION, or give ${where} a region`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}
