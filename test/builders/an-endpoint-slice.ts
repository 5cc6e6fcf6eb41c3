import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";

/** What kube-apiserver keeps about itself: where the Service `kubernetes` leads to. */
export function anApiServerSlice(addresses: readonly string[], port = 443): KubernetesObject {
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { "kubernetes.io/service-name": "kubernetes" },
    },
    addressType: addresses.some((it) => it.includes(":")) ? "IPv6" : "IPv4",
    endpoints: addresses.length === 0 ? [] : [{ addresses, conditions: { ready: true } }],
    ports: [{ name: "https", port, protocol: "TCP" }],
  };
  return slice;
}
