import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";

/** What a kubelet renews to say that it is alive. @param at milliseconds since 1970 */
export function aLease(node: string, at: number): KubernetesObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: node, namespace: "kube-node-lease" },
    // MicroTime, as the API server takes and serves it.
    spec: { renewTime: new Date(at).toISOString().replace("Z", "000Z"), leaseDurationSeconds: 40 },
  };
}
