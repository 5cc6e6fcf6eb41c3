/**
 * The way from a warm container to its cluster: facts from EKS, a token that is signed here, connections that are kept.
 *
 * Must never happen: a container that goes on with an old certificate authority after the cluster's was rotated.
 */
import type { ClusterFactsReader } from "../../lib/aws/cluster-facts.ts";
import { networkReader } from "../../lib/aws/network-reader.ts";
import type { VpcReader } from "../../lib/aws/vpc-reader.ts";
import type { EksTokenSource } from "../../lib/aws/eks-token-source.ts";
import type { ClusterConnection } from "../../lib/kubernetes/connection/connect.ts";
import { connectWithToken } from "../../lib/kubernetes/connection/connect-with-token.ts";
import { rememberClusterState } from "../../lib/kubernetes/remember-cluster-state.ts";
import { UnreachableError } from "../../lib/model/errors.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import type { NetworkReader } from "../../lib/ports/network.ts";

export type ClusterSessionOptions = {
  readonly facts: ClusterFactsReader;
  readonly tokens: EksTokenSource;
  readonly vpcs: VpcReader;
  readonly clock: Clock;
  /** Requests under way at the same time. */
  readonly connections: number;
};

/** What a run, and `doctor`, ask of a connection. */
export type UsableConnection = Pick<ClusterConnection, "gateway" | "access" | "probe" | "endpoint"> & {
  readonly network?: NetworkReader;
};

export type ClusterSession = {
  /**
   * Runs something against the cluster; once more, with what EKS says then, when TLS failed. So `work` must be one that
   * may begin again: a reconcile is. @throws errors of `model/errors.ts`
   */
  use<T>(work: (connection: UsableConnection) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Exchanges with the API server since the container started. */
  requests(): number;
  /** The cluster's own security group, when EKS has said it lately; asks nobody. */
  securityGroup?(): string | undefined;
};

export function clusterSession(options: ClusterSessionOptions): ClusterSession {
  let requests = 0;
  let securityGroup: string | undefined;
  let open: { readonly key: string; readonly connection: ClusterConnection } | undefined;

  async function connection(signal: AbortSignal): Promise<UsableConnection> {
    const facts = await options.facts.read(signal);
    securityGroup = facts.clusterSecurityGroup;
    const { endpoint, certificateAuthority, name } = facts;
    const network = networkReader(facts, options.vpcs);
    const key = `${endpoint} ${certificateAuthority}`;
    if (open?.key === key) return { ...open.connection, network };
    await open?.connection.close();
    const opened = connectWithToken({
      endpoint,
      caPem: certificateAuthority,
      connections: options.connections,
      clock: options.clock,
      token: (_signal, fresh) => {
        if (fresh) options.tokens.forget();
        return options.tokens.token();
      },
      fixOfRejection: `Check that cluster ${name} has an access entry for this function's role (a role that was made anew needs a new entry), and that its authentication mode is API or API_AND_CONFIG_MAP.`,
      onRequest: () => {
        requests += 1;
      },
    });
    open = {
      key,
      connection: { ...opened, gateway: rememberClusterState(opened.gateway, options.clock) },
    };
    return { ...open.connection, network };
  }

  return {
    use: async (work, signal) => {
      try {
        return await work(await connection(signal));
      } catch (error) {
        if (!(error instanceof UnreachableError) || error.layer !== "tls" || signal.aborted) throw error;
        options.facts.forget();
        await open?.connection.close();
        open = undefined;
        return work(await connection(signal));
      }
    },
    requests: () => requests,
    securityGroup: () => securityGroup,
  };
}
