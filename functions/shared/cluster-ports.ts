import type { InstanceReader } from "../../lib/ports/aws.ts";
import type { ClusterGateway } from "../../lib/ports/kubernetes.ts";
import type { NetworkReader } from "../../lib/ports/network.ts";

/** Whom a run may ask. Where the cluster is known by a kubeconfig alone, nobody can be asked about AWS. */
export type RunConnection = {
  readonly gateway: ClusterGateway;
  readonly network?: NetworkReader;
  readonly instances?: InstanceReader;
};

/** What a run takes of a connection. */
export function clusterPorts({ gateway, network, instances }: RunConnection) {
  return {
    cluster: gateway,
    ...(network === undefined ? {} : { network }),
    ...(instances === undefined ? {} : { instances }),
  };
}
