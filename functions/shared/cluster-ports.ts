import type { ClusterGateway } from "../../lib/ports/kubernetes.ts";
import type { NetworkReader } from "../../lib/ports/network.ts";

/** What a run takes of a connection. */
export function clusterPorts(connection: {
  readonly gateway: ClusterGateway;
  /** Nobody to ask where the cluster is known by a kubeconfig alone. */
  readonly network?: NetworkReader;
}) {
  const { gateway, network } = connection;
  return { cluster: gateway, ...(network === undefined ? {} : { network }) };
}
