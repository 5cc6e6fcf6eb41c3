/** An EKS cluster by name: endpoint and CA from DescribeCluster, tokens signed here with the SDK's credential chain. */
import { clusterFactsReader, type ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import { once, type AwsOptions } from "../../lib/aws/client-options.ts";
import { eksTokenSource } from "../../lib/aws/eks-token-source.ts";
import { UsageError } from "../../lib/model/errors.ts";
import type { Clock } from "../../lib/ports/clock.ts";

export type EksRequest = { readonly cluster: string; readonly region?: string; readonly roleArn?: string };

export type OpenEks = {
  readonly facts: ClusterFacts;
  readonly token: (signal: AbortSignal, fresh: boolean) => Promise<string>;
};

/** @throws errors of `model/errors.ts`; NotFoundError when EKS knows no such cluster there. */
export async function openEks(request: EksRequest, clock: Clock, signal: AbortSignal): Promise<OpenEks> {
  const { cluster } = request;
  const region = requireRegion(request.region, cluster);
  const aws = await awsOptions(region, request.roleArn);
  const calls = once(async () => (await import("../../lib/aws/clients/eks.ts")).eksCalls(aws));
  const facts = await clusterFactsReader(cluster, calls, clock).read(signal);
  const source = eksTokenSource({ region, cluster, clock, credentials: async () => (await calls()).credentials() });
  return {
    facts,
    token: (_signal, fresh) => {
      if (fresh) source.forget();
      return source.token();
    },
  };
}

/** Credentials of the SDK's chain, or of a role that these assume. */
export async function awsOptions(region: string, roleArn: string | undefined): Promise<AwsOptions> {
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

function requireRegion(region: string | undefined, cluster: string): string {
  if (region !== undefined) return region;
  throw new UsageError(`the region of cluster ${cluster} is not known; add --region, or set AWS_REGION`);
}
