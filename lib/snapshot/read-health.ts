import { DeniedError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { JsonValue } from "../model/kubernetes-object.ts";
import { readRolloutMark, type NodeHealth } from "../model/rollout.ts";
import { OWNER_LABEL, ROLLOUT_ANNOTATION } from "../names/names.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";

const LEASES = { groupVersion: "coordination.k8s.io/v1", resource: "leases", namespace: "kube-node-lease" };

export type HealthRequest = {
  /** Installation id. */
  readonly owner: string;
  /** Asks for a new connection to the kubelet of a canary. */
  readonly probe?: (node: string, signal: AbortSignal) => Promise<NodeHealth["probe"]>;
};

/** One GET of a lease (and one probe, when asked for) for each canary that is on trial. */
export async function readHealth(
  { owner, probe }: HealthRequest,
  hostEndpoints: readonly HostEndpoint[],
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly NodeHealth[]> {
  const canaries = hostEndpoints.filter(
    (it) => it.labels[OWNER_LABEL] === owner && readRolloutMark(it.annotations[ROLLOUT_ANNOTATION])?.phase === "soaking",
  );
  return Promise.all(
    [...new Set(canaries.map((it) => it.node))].sort().map(async (node): Promise<NodeHealth> => {
      const [renewed, answer] = await Promise.all([readRenewal(node, cluster, signal), probe?.(node, signal)]);
      return { node, ...(renewed === undefined ? {} : { leaseRenewedAt: renewed }), ...(answer === undefined ? {} : { probe: answer }) };
    }),
  );
}

/** RBAC from before canaries existed has no leases: Ready alone decides then. */
async function readRenewal(node: string, cluster: ClusterReader, signal: AbortSignal): Promise<string | undefined> {
  try {
    const lease = await cluster.getObject(LEASES, node, signal);
    const renewed: JsonValue | undefined = lease?.spec?.["renewTime"];
    return typeof renewed === "string" ? renewed : undefined;
  } catch (error) {
    if (error instanceof DeniedError) return undefined;
    throw error;
  }
}
