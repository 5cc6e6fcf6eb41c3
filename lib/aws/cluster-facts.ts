/**
 * Where the cluster's API server is and whom its certificate must come from, as EKS says now.
 *
 * Read at run time and for a short time only: EKS rotates the CA of a cluster, and its bundle then holds two
 * certificates (docs/aws.md 1.5).
 */
import { InvalidError, type GatewayError } from "../model/errors.ts";
import type { Clock } from "../ports/clock.ts";
import { classifyError } from "./classify-error.ts";
import type { EksCalls } from "./clients/eks.ts";

export type ClusterFacts = {
  readonly name: string;
  /** `CREATING`, `ACTIVE`, `DELETING`, `FAILED`, `UPDATING`, `PENDING`, or one that came later. */
  readonly status: string;
  /** `https://...` */
  readonly endpoint: string;
  /** PEM, one certificate or two. */
  readonly certificateAuthority: string;
  /** `API`, `API_AND_CONFIG_MAP`, `CONFIG_MAP` (access entries do not count there), or undefined. */
  readonly authenticationMode?: string;
  readonly version?: string;
  readonly publicAccess: boolean;
  readonly privateAccess: boolean;
  readonly publicAccessCidrs: readonly string[];
  readonly clusterSecurityGroup?: string;
  readonly vpcId?: string;
  /** Blocks of the Services' addresses, one for each family that the cluster has. */
  readonly serviceCidrs?: readonly string[];
  /** Where the API server has its network interfaces. */
  readonly subnetIds?: readonly string[];
  /** 12 digits, of the ARN. */
  readonly account?: string;
};

export type ClusterFactsReader = {
  /** @throws errors of `model/errors.ts`; NotFoundError when there is no such cluster in this region and account. */
  read(signal: AbortSignal): Promise<ClusterFacts>;
  /** Call it after a TLS error: the next read asks EKS again. */
  forget(): void;
};

/** Long enough for a burst of events, short against a CA rotation (dual trust lasts for days). */
const LIFE_MILLISECONDS = 5 * 60 * 1000;

export function clusterFactsReader(
  cluster: string,
  calls: () => Promise<Pick<EksCalls, "describeCluster">>,
  clock: Pick<Clock, "now">,
): ClusterFactsReader {
  let cached: { readonly facts: ClusterFacts; readonly until: number } | undefined;
  return {
    read: async (signal) => {
      if (cached !== undefined && cached.until > clock.now()) return cached.facts;
      const facts = await describe(cluster, calls, signal);
      cached = { facts, until: clock.now() + LIFE_MILLISECONDS };
      return facts;
    },
    forget: () => {
      cached = undefined;
    },
  };
}

async function describe(
  name: string,
  calls: () => Promise<Pick<EksCalls, "describeCluster">>,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const operation = `DescribeCluster ${name}`;
  const answer = await calls()
    .then((eks) => eks.describeCluster(name, signal))
    .catch((error: unknown) => {
      throw classifyError(error, operation);
    });
  const { cluster } = answer;
  const certificateAuthority = cluster?.certificateAuthority?.data;
  if (cluster?.endpoint === undefined || certificateAuthority === undefined)
    throw notReady(operation, cluster?.status ?? "unknown");
  const { authenticationMode } = cluster.accessConfig ?? {};
  const network = cluster.resourcesVpcConfig;
  const { serviceIpv4Cidr, serviceIpv6Cidr } = cluster.kubernetesNetworkConfig ?? {};
  const services = [serviceIpv4Cidr, serviceIpv6Cidr].filter((it) => it !== undefined);
  const account = cluster.arn?.split(":")[4];
  return {
    name,
    status: cluster.status ?? "unknown",
    endpoint: cluster.endpoint,
    certificateAuthority: Buffer.from(certificateAuthority, "base64").toString("utf8"),
    ...(authenticationMode === undefined ? {} : { authenticationMode }),
    ...(cluster.version === undefined ? {} : { version: cluster.version }),
    publicAccess: network?.endpointPublicAccess ?? false,
    privateAccess: network?.endpointPrivateAccess ?? false,
    publicAccessCidrs: [...(network?.publicAccessCidrs ?? [])].sort(),
    ...(network?.clusterSecurityGroupId === undefined
      ? {}
      : { clusterSecurityGroup: network.clusterSecurityGroupId }),
    ...(network?.vpcId === undefined ? {} : { vpcId: network.vpcId }),
    ...(services.length === 0 ? {} : { serviceCidrs: services }),
    ...(network?.subnetIds === undefined ? {} : { subnetIds: [...network.subnetIds].sort() }),
    ...(account === undefined ? {} : { account }),
  };
}

/** A cluster that is being made or has gone has no endpoint. */
function notReady(operation: string, status: string): GatewayError {
  return new InvalidError(
    `${operation}: the cluster has no endpoint or certificate authority (status ${status})`,
  );
}
