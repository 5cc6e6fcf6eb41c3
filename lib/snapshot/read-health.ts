import { DeniedError, UnreachableError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import { readRolloutMark, type NodeHealth } from "../model/rollout.ts";
import { OWNER_LABEL, ROLLOUT_ANNOTATION } from "../names/names.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";

const LEASES = { groupVersion: "coordination.k8s.io/v1", resource: "leases", namespace: "kube-node-lease" };

export type HealthRequest = {
  /** Installation id. */
  readonly owner: string;
  /** Asks the API server for a new connection to the kubelet of each canary, too. */
  readonly probe: boolean;
};

/** One GET of a lease (and one probe, when asked for) for each canary that is on trial. */
export async function readHealth(
  { owner, probe }: HealthRequest,
  hostEndpoints: readonly HostEndpoint[],
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly NodeHealth[]> {
  const canaries = hostEndpoints.filter(
    (it) =>
      it.labels[OWNER_LABEL] === owner &&
      readRolloutMark(it.annotations[ROLLOUT_ANNOTATION])?.phase === "soaking",
  );
  const nodes = [...new Set(canaries.map((it) => it.node))].sort();
  return Promise.all(
    nodes.map(async (node): Promise<NodeHealth> => {
      const [lease, kubelet] = await Promise.all([
        unlessUnreadable(() => readLease(node, cluster, signal)),
        probe ? unlessUnreadable(() => probeKubelet(node, cluster, signal)) : {},
      ]);
      return { node, ...lease, ...kubelet };
    }),
  );
}

async function readLease(
  node: string,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<Partial<NodeHealth>> {
  const spec = (await cluster.getObject(LEASES, node, signal))?.spec ?? {};
  const { renewTime, leaseDurationSeconds } = spec;
  return {
    ...(typeof renewTime === "string" ? { leaseRenewedAt: renewTime } : {}),
    ...(typeof leaseDurationSeconds === "number" ? { leaseSeconds: leaseDurationSeconds } : {}),
  };
}

async function probeKubelet(
  node: string,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<Partial<NodeHealth>> {
  const probe = await cluster.probeKubelet(node, signal);
  return probe === undefined
    ? { unreadable: "the API server's answer says nothing of the kubelet" }
    : { probe };
}

/**
 * A missing permission must not stop the run: what can still be seen of the canary may call for its rollback. Nor must an answer
 * that is no lease, which says nothing of the canary.
 */
async function unlessUnreadable(read: () => Promise<Partial<NodeHealth>>): Promise<Partial<NodeHealth>> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DeniedError || (error instanceof UnreachableError && error.layer === "protocol"))
      return { unreadable: error.message };
    throw error;
  }
}
