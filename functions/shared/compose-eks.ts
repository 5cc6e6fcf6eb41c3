/** An EKS cluster by name: endpoint and CA from DescribeCluster, tokens signed here with the SDK's credential chain. */
import { awsAs } from "../../lib/aws/assumed-role.ts";
import { clusterFactsReader, type ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import { once } from "../../lib/aws/client-options.ts";
import { eksTokenSource } from "../../lib/aws/eks-token-source.ts";
import { instanceReader } from "../../lib/aws/instance-reader.ts";
import { rememberInstances } from "../../lib/aws/remember-instances.ts";
import { networkReader } from "../../lib/aws/network-reader.ts";
import { vpcReader } from "../../lib/aws/vpc-reader.ts";
import { UsageError } from "../../lib/model/errors.ts";
import type { InstallationReader, InstanceReader } from "../../lib/ports/aws.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import type { NetworkReader } from "../../lib/ports/network.ts";

export type EksRequest = { readonly cluster: string; readonly region?: string; readonly roleArn?: string };

export type OpenEks = {
  readonly facts: ClusterFacts;
  readonly token: (signal: AbortSignal, fresh: boolean) => Promise<string>;
  readonly network: NetworkReader;
  readonly instances: InstanceReader;
};

/** @throws errors of `model/errors.ts`; NotFoundError when EKS knows no such cluster there. */
export async function openEks(request: EksRequest, clock: Clock, signal: AbortSignal): Promise<OpenEks> {
  const { cluster } = request;
  const region = requireRegion(request.region, cluster);
  const aws = await awsAs(region, request.roleArn);
  const calls = once(async () => (await import("../../lib/aws/clients/eks.ts")).eksCalls(aws));
  const facts = await clusterFactsReader(cluster, calls, clock).read(signal);
  const source = eksTokenSource({
    region,
    cluster,
    clock,
    credentials: async () => (await calls()).credentials(),
  });
  return {
    facts,
    token: (_signal, fresh) => {
      if (fresh) source.forget();
      return source.token();
    },
    network: networkReader(facts, vpcReader(aws, clock)),
    instances: rememberInstances(instanceReader(aws), clock),
  };
}

/** @throws UsageError when no region is known. */
export function requireRegion(region: string | undefined, cluster: string): string {
  if (region !== undefined) return region;
  throw new UsageError(`the region of cluster ${cluster} is not known; add --region, or set AWS_REGION`);
}

export type DeployedRequest = EksRequest & {
  readonly id: string;
  readonly autoScalingGroups: readonly string[];
  readonly managedNodeGroups: boolean;
};

/** Looks at what is deployed for this cluster. @throws UsageError when no region is known. */
export async function openInstallation(request: DeployedRequest, clock: Clock): Promise<InstallationReader> {
  const { cluster, region, roleArn, ...installation } = request;
  const { installationReader } = await import("../../lib/aws/installation-reader.ts");
  const aws = await awsAs(requireRegion(region, cluster), roleArn);
  return installationReader({ cluster, ...installation }, aws, clock);
}

export type FunctionRequest = EksRequest & { readonly functionName: string; readonly payload: unknown };

/** Calls a deployed function. @throws errors of `model/errors.ts`; InvalidError when the function itself refused or failed. */
export async function callFunction(request: FunctionRequest, signal: AbortSignal): Promise<unknown> {
  const { invokeFunction } = await import("../../lib/aws/invoke-function.ts");
  const aws = await awsAs(requireRegion(request.region, request.cluster), request.roleArn);
  return invokeFunction(request.functionName, request.payload, aws, signal);
}
