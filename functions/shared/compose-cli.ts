/**
 * Where the cluster is, as a person says it -> an open connection. The command line's half of composition: each way in is
 * loaded only when it is used, so that a kubeconfig costs no AWS SDK and EKS costs no kubeconfig.
 */
import type { ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import { systemClock, type Clock } from "../../lib/ports/clock.ts";
import type { ClusterConnection } from "../../lib/kubernetes/connection/connect.ts";
import type { RequestObserver } from "../../lib/kubernetes/connection/transport.ts";
import type { RunConnection } from "./cluster-ports.ts";

export type Whereabouts =
  | {
      readonly kind: "kubeconfig";
      readonly file?: string;
      readonly context?: string;
      /** For a credential plugin that asks AWS. */
      readonly profile?: string;
    }
  | {
      readonly kind: "eks";
      readonly cluster: string;
      readonly region?: string;
      readonly profile?: string;
      readonly roleArn?: string;
    };

/** Which cluster was reached, for plans, questions and results. */
export type ReachedCluster = {
  /** `https://host:port` */
  readonly server: string;
  /** Context of the kubeconfig. */
  readonly context?: string;
  /** When it was reached by its name. */
  readonly eks?: { readonly name: string; readonly region: string; readonly account?: string };
};

export type ConnectRequest = {
  readonly where: Whereabouts;
  /** Requests under way at the same time. */
  readonly concurrency: number;
  readonly onRequest?: RequestObserver;
};

/** A connection, with somebody to ask about the network around the nodes and about their instances. */
export type ConnectedCluster = ClusterConnection & RunConnection & { readonly reached: ReachedCluster };

export const clock: Clock = systemClock;

/**
 * @throws UsageError when the kubeconfig, the context or the region is missing; an error of `model/errors.ts` when the
 * credentials do not work or EKS does not know the cluster.
 */
export async function connectCluster(
  request: ConnectRequest,
  signal: AbortSignal,
): Promise<ConnectedCluster> {
  const { where } = request;
  const options = {
    connections: request.concurrency,
    clock,
    ...(request.onRequest === undefined ? {} : { onRequest: request.onRequest }),
  };
  if (where.kind === "kubeconfig") {
    const { connectWithKubeconfig } =
      await import("../../lib/kubernetes/connection/connect-with-kubeconfig.ts");
    const { file, context, profile } = where;
    const connection = await connectWithKubeconfig(
      {
        ...options,
        ...(file === undefined ? {} : { file }),
        ...(context === undefined ? {} : { context }),
        ...(profile === undefined ? {} : { environment: { ...process.env, AWS_PROFILE: profile } }),
      },
      signal,
    );
    return { ...connection, reached: { server: connection.endpoint, context: connection.context } };
  }
  const [{ connectWithToken }, { openEks }] = await Promise.all([
    import("../../lib/kubernetes/connection/connect-with-token.ts"),
    import("./compose-eks.ts"),
  ]);
  const { facts, region, token, network, instances } = await openEks(where, clock, signal);
  const connection = connectWithToken({
    ...options,
    endpoint: facts.endpoint,
    caPem: facts.certificateAuthority,
    token,
  });
  const { name, account } = facts;
  const eks = { name, region, ...(account === undefined ? {} : { account }) };
  return { ...connection, network, instances, reached: { server: connection.endpoint, eks } };
}

/** What EKS says of a cluster. @throws errors of `model/errors.ts` */
export async function describeCluster(
  request: { readonly cluster: string; readonly region: string; readonly profile?: string },
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const { describeEks } = await import("./compose-eks.ts");
  return describeEks(request, clock, signal);
}
