/** Clusters as their users have them today: what they run, and the endpoints that this made. */
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject, StringMap } from "../../../lib/model/kubernetes-object.ts";
import { aNodeObject } from "../../builders/a-node.ts";

export const nodeNames = (count: number) =>
  Array.from({ length: count }, (_, index) => `node-${String(index).padStart(4, "0")}`);

const addressesOf = (name: string, card: 1 | 2) => {
  const number = Number(name.slice(-4)) + 1;
  return `10.${card}.${number >> 8}.${number & 255}`;
};

/** A Node with two network cards, as calico-node describes it. */
export function aWorker(name: string): KubernetesObject {
  return aNodeObject({
    name,
    labels: { role: "worker" },
    addresses: [{ type: "InternalIP", address: addressesOf(name, 1) }],
    annotations: {
      "projectcalico.org/Interfaces": JSON.stringify([
        { name: "ens5", addresses: [addressesOf(name, 1)] },
        { name: "ens6", addresses: [addressesOf(name, 2)] },
      ]),
    },
  });
}

const policy = (name: string, spec: JsonObject): KubernetesObject => ({
  apiVersion: CALICO_V1,
  kind: "GlobalNetworkPolicy",
  metadata: { name },
  spec,
});

/** 9090 is closed on every worker, 9999 on what a person called a frontend; everything else of the node itself stays open. */
export const policies: readonly KubernetesObject[] = [
  policy("closed", {
    selector: "role == 'worker'",
    order: 1,
    types: ["Ingress"],
    ingress: [{ action: "Deny", protocol: "TCP", destination: { ports: [9090] } }, { action: "Allow" }],
  }),
  policy("frontend", {
    selector: "host-endpoint == 'frontend'",
    order: 0,
    types: ["Ingress"],
    ingress: [{ action: "Deny", protocol: "TCP", destination: { ports: [9999] } }, { action: "Allow" }],
  }),
  policy("everything-out", { selector: "all()", order: 2, types: ["Egress"], egress: [{ action: "Allow" }] }),
];

export function flowsOf(names: readonly string[]): readonly Flow[] {
  return names.flatMap((node) =>
    ([1, 2] as const).flatMap((card) =>
      [9090, 9999, 7777].map((port): Flow => ({
        id: `card ${card} port ${port}`,
        node,
        direction: "ingress",
        protocol: "tcp",
        interface: card === 1 ? "ens5" : "ens6",
        source: { ip: "198.51.100.7", port: 40_000 },
        destination: { ip: addressesOf(node, card), port },
      })),
    ),
  );
}

export function calicoConfiguration(autoCreate: "Enabled" | "Disabled"): KubernetesObject {
  return {
    apiVersion: CALICO_V1,
    kind: "KubeControllersConfiguration",
    metadata: { name: "default" },
    spec: { controllers: { node: { hostEndpoint: { autoCreate } } } },
  };
}

function endpoint(
  name: string,
  node: string,
  spec: JsonObject,
  labels: StringMap,
  annotations: StringMap = {},
) {
  return {
    apiVersion: CALICO_V1,
    kind: "HostEndpoint",
    metadata: { name, labels, annotations },
    spec: { node, ...spec },
  } satisfies KubernetesObject;
}

/** As kube-controllers writes it: labels in the metadata annotation, only Calico's own natively. */
export function automatic(node: string): KubernetesObject {
  const mark = { "projectcalico.org/created-by": "calico-kube-controllers" };
  const labels = { ...aWorker(node).metadata.labels, ...mark };
  return endpoint(
    `${node}-auto-hep`,
    node,
    {
      interfaceName: "*",
      expectedIPs: [addressesOf(node, 1), addressesOf(node, 2)],
      profiles: ["projectcalico-default-allow"],
    },
    mark,
    {
      "projectcalico.org/metadata": JSON.stringify({ creationTimestamp: "2026-11-22T00:00:00Z", labels }),
    },
  );
}

/** As hostendpoint-operator writes it: no interface, no profile, no mark of its own. */
export function byOperator(node: string): KubernetesObject {
  return endpoint(node, node, { expectedIPs: [addressesOf(node, 1)] }, { role: "worker" });
}

export const operatorDeployment: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "hostendpoint-operator", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "operator" } },
    template: {
      metadata: { labels: { app: "operator" } },
      spec: {
        containers: [
          {
            name: "hostendpoint-operator",
            image: "example.invalid/hostendpoint-operator:v1.0.0",
            env: [
              { name: "LOG_LEVEL", value: "INFO" },
              { name: "SCAN_INTERVAL_SECONDS", value: "60" },
              { name: "OPERATOR_ID", value: "glavien.io/hostendpoint-operator" },
            ],
          },
        ],
      },
    },
  },
};

/** As a person writes it: one card, a label of his own. */
export function byHand(node: string): KubernetesObject {
  return endpoint(
    `${node}-ens5`,
    node,
    { interfaceName: "ens5", expectedIPs: [addressesOf(node, 1)] },
    { "host-endpoint": "frontend" },
  );
}
