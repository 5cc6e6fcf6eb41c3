/**
 * Where the cluster is, as a person says it -> an open connection. The command line's half of composition: each way in is
 * loaded only when it is used, so that a kubeconfig costs no AWS SDK and EKS costs no kubeconfig.
 */
import { systemClock, type Clock } from "../../lib/ports/clock.ts";
import type { ClusterConnection } from "../../lib/kubernetes/connection/connect.ts";
import type { RequestObserver } from "../../lib/kubernetes/connection/transport.ts";
import type { RunConnection } from "./cluster-ports.ts";

export type Whereabouts =
  | { readonly kind: "kubeconfig"; readonly file?: string; readonly context?: string }
  | { readonly kind: "eks"; readonly cluster: string; readonly region?: string; readonly roleArn?: string };

export type ConnectRequest = {
  readonly where: Whereabouts;
  /** Requests under way at the same time. */
  readonly concurrency: number;
  readonly onRequest?: RequestObserver;
};

/** A connection, with somebody to ask about the network around the nodes and about their instances. */
export type ConnectedCluster = ClusterConnection & RunConnection;

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
    const { file, context } = where;
    return connectWithKubeconfig(
      { ...options, ...(file === undefined ? {} : { file }), ...(context === undefined ? {} : { context }) },
      signal,
    );
  }
  const [{ connectWithToken }, { openEks }] = await Promise.all([
    import("../../lib/kubernetes/connection/connect-with-token.ts"),
    import("./compose-eks.ts"),
  ]);
  const { facts, token, network, instances } = await openEks(where, clock, signal);
  const connection = connectWithToken({
    ...options,
    endpoint: facts.endpoint,
    caPem: facts.certificateAuthority,
    token,
  });
  return { ...connection, network, instances };
}
