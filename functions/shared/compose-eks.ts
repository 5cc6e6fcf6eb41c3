/** An EKS cluster by name: endpoint and CA from DescribeCluster, tokens signed here with the SDK's credential chain. */
import { awsAs, type AwsIdentity } from "../../lib/aws/aws-as.ts";
import { clusterFactsReader, type ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import { once, type AwsOptions } from "../../lib/aws/client-options.ts";
import type { TaggedGroup } from "../../lib/aws/account-reader.ts";
import type { EksCalls } from "../../lib/aws/clients/eks.ts";
import { eksTokenSource } from "../../lib/aws/eks-token-source.ts";
import { instanceReader } from "../../lib/aws/instance-reader.ts";
import { rememberInstances } from "../../lib/aws/remember-instances.ts";
import { networkReader } from "../../lib/aws/network-reader.ts";
import { vpcReader } from "../../lib/aws/vpc-reader.ts";
import { GatewayError, NotFoundError, UsageError } from "../../lib/model/errors.ts";
import type { InstallationReader, InstanceReader } from "../../lib/ports/aws.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import type { NetworkReader } from "../../lib/ports/network.ts";

export type EksRequest = AwsIdentity & { readonly cluster: string };

export type OpenEks = {
  readonly region: string;
  readonly facts: ClusterFacts;
  readonly token: (signal: AbortSignal, fresh: boolean) => Promise<string>;
  readonly network: NetworkReader;
  readonly instances: InstanceReader;
};

/**
 * @throws errors of `model/errors.ts`; NotFoundError when EKS knows no such cluster there; it names the account and the region
 * that were asked, and the clusters there. UsageError when no region is known.
 */
export async function openEks(request: EksRequest, clock: Clock, signal: AbortSignal): Promise<OpenEks> {
  const { cluster } = request;
  const aws = await awsAs(request, `cluster ${request.cluster}`);
  const calls = eksCallsOf(aws);
  const facts = await describe(request, aws, calls, clock, signal);
  const source = eksTokenSource({
    region: aws.region,
    cluster,
    clock,
    credentials: async () => (await calls()).credentials(),
  });
  return {
    region: aws.region,
    facts,
    token: (_signal, fresh) => {
      if (fresh) source.forget();
      return source.token();
    },
    network: networkReader(facts, vpcReader(aws, clock)),
    instances: rememberInstances(instanceReader(aws), clock),
  };
}

/** What EKS says of a cluster. @throws as `openEks` does. */
export async function describeEks(
  request: EksRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const aws = await awsAs(request, `cluster ${request.cluster}`);
  return describe(request, aws, eksCallsOf(aws), clock, signal);
}

/** What can be found out about a cluster, and in a sentence each what cannot. */
export type SeenCluster = {
  readonly region?: string;
  readonly account?: string;
  readonly authenticationMode?: string;
  readonly network?: Pick<
    ClusterFacts,
    "publicAccess" | "privateAccess" | "publicAccessCidrs" | "vpcId" | "subnetIds" | "clusterSecurityGroup"
  >;
  readonly groups?: readonly TaggedGroup[];
  readonly problems: readonly string[];
};

/** Looks at a cluster from outside. @throws NotFoundError when EKS answers that there is no such cluster; else nothing of AWS's. */
export async function lookAtCluster(
  request: EksRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<SeenCluster> {
  const problems: string[] = [];
  const tell = (error: unknown): undefined => {
    if (!(error instanceof GatewayError || error instanceof UsageError)) throw error;
    problems.push(error.message);
  };
  const aws = await awsAs(request, `cluster ${request.cluster}`).catch(tell);
  if (aws === undefined) return { problems };
  const { accountReader } = await import("../../lib/aws/account-reader.ts");
  const account = accountReader(aws);
  const facts = await describe(request, aws, eksCallsOf(aws), clock, signal).catch((error: unknown) => {
    if (error instanceof NotFoundError) throw error;
    return tell(error);
  });
  const region = aws.region;
  // Without an answer of EKS the other questions would only fail the same way; who we are is answered without permissions.
  if (facts === undefined) {
    const id = await account.account(signal).catch(() => undefined);
    return { region, ...(id === undefined ? {} : { account: id }), problems };
  }
  const groups = await account.groupsOf(request.cluster, signal).catch(tell);
  const id = facts.account ?? (await account.account(signal).catch(tell));
  return {
    region,
    network: facts,
    ...(id === undefined ? {} : { account: id }),
    ...(facts.authenticationMode === undefined ? {} : { authenticationMode: facts.authenticationMode }),
    ...(groups === undefined ? {} : { groups }),
    problems,
  };
}

function eksCallsOf(aws: AwsOptions): () => Promise<EksCalls> {
  return once(async () => (await import("../../lib/aws/clients/eks.ts")).eksCalls(aws));
}

async function describe(
  { cluster, profile }: EksRequest,
  aws: AwsOptions,
  calls: () => Promise<EksCalls>,
  clock: Clock,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  return saying(profile, aws, signal, clusterFactsReader(cluster, calls, clock).read(signal));
}

/** What was asked, and where it was asked when it fails. */
async function saying<T>(
  profile: string | undefined,
  aws: AwsOptions,
  signal: AbortSignal,
  asked: Promise<T>,
): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const [{ accountReader }, { whereAsked }] = await Promise.all([
      import("../../lib/aws/account-reader.ts"),
      import("../../lib/aws/where-asked.ts"),
    ]);
    throw await whereAsked(error, profile, accountReader(aws), signal);
  }
}

export type DeployedRequest = EksRequest & {
  readonly id: string;
  readonly autoScalingGroups: readonly string[];
  readonly managedNodeGroups: boolean;
};

/** Looks at what is deployed for this cluster. @throws UsageError when no region is known. */
export async function openInstallation(request: DeployedRequest, clock: Clock): Promise<InstallationReader> {
  const { installationReader } = await import("../../lib/aws/installation-reader.ts");
  return installationReader(request, await awsAs(request, `cluster ${request.cluster}`), clock);
}

export type FunctionRequest = EksRequest & { readonly functionName: string; readonly payload: unknown };

/** Calls a deployed function. @throws errors of `model/errors.ts`; InvalidError when the function itself refused or failed. */
export async function callFunction(request: FunctionRequest, signal: AbortSignal): Promise<unknown> {
  const { invokeFunction } = await import("../../lib/aws/invoke-function.ts");
  const aws = await awsAs(request, `cluster ${request.cluster}`);
  return saying(
    request.profile,
    aws,
    signal,
    invokeFunction(request.functionName, request.payload, aws, signal),
  );
}
