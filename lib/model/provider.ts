import type { Node } from "./node.ts";

/** Who installed or runs a cluster. `kind` is kubeadm's in containers. Source: docs/providers.md 3 and 4. */
export type Provider =
  "eks" | "aks" | "gke" | "rke2" | "k3s" | "microk8s" | "kind" | "openshift" | "talos" | "kubeadm";

/** Annotations that only say which installer made the Node; their values decide nothing and are not kept. */
export const INSTALLER_ANNOTATIONS: readonly string[] = [
  "rke2.io/",
  "k3s.io/",
  "kubeadm.alpha.kubernetes.io/",
  "machineconfiguration.openshift.io/",
  "talos.dev/",
  "cluster.talos.dev/",
  "networking.talos.dev/",
];

type Signs = {
  readonly providerId?: string;
  readonly version?: string;
  readonly osImage?: string;
  readonly annotations?: readonly string[];
  readonly labels?: readonly string[];
  readonly taints?: readonly string[];
  /** What the installer's own cloud controller calls every machine. */
  readonly instanceType?: string;
};

/** Any one sign is enough. Installers first: RKE2 and Talos run on AWS too, and keep its provider ID. */
const INSTALLERS: readonly (readonly [Provider, Signs])[] = [
  ["rke2", { providerId: "rke2://", version: "+rke2", annotations: ["rke2.io/"], instanceType: "rke2" }],
  ["k3s", { providerId: "k3s://", version: "+k3s", annotations: ["k3s.io/"], instanceType: "k3s" }],
  [
    "microk8s",
    {
      labels: [
        "microk8s.io/cluster",
        "node.kubernetes.io/microk8s-controlplane",
        "node.kubernetes.io/microk8s-worker",
      ],
    },
  ],
  ["kind", { providerId: "kind://" }],
  ["openshift", { labels: ["node.openshift.io/os_id"], annotations: ["machineconfiguration.openshift.io/"] }],
  ["talos", { osImage: "Talos", annotations: ["talos.dev/", "cluster.talos.dev/", "networking.talos.dev/"] }],
];
const CLOUDS: readonly (readonly [Provider, Signs])[] = [
  ["eks", { providerId: "aws:///", version: "-eks-", labels: ["eks.amazonaws.com/", "alpha.eksctl.io/"] }],
  ["aks", { providerId: "azure:///", labels: ["kubernetes.azure.com/"] }],
  ["gke", { providerId: "gce://", version: "-gke.", labels: ["cloud.google.com/gke-nodepool"] }],
];
const KUBEADM: Signs = {
  annotations: ["kubeadm.alpha.kubernetes.io/"],
  labels: ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"],
  taints: ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"],
};

/**
 * Whose signs the Node bears; empty: nobody's. What every installer's control plane bears is kubeadm's sign only where no other
 * is seen. Signs may be forged, so whoever asks adds flows for them and takes none away.
 */
export function providersOf(node: Node): readonly Provider[] {
  const installers = INSTALLERS.filter(([, signs]) => bears(node, signs)).map(([it]) => it);
  if (installers.length > 0) return installers;
  if (node.providerId?.startsWith("eks-hybrid:///") === true) return ["eks"];
  const clouds = CLOUDS.filter(([, signs]) => bears(node, signs)).map(([it]) => it);
  return bears(node, KUBEADM) ? [...clouds, "kubeadm"] : clouds;
}

function bears(node: Node, { providerId, version, osImage, ...lists }: Signs): boolean {
  const begins = (keys: readonly string[], beginnings: readonly string[] = []) =>
    beginnings.length > 0 && keys.some((key) => beginnings.some((it) => key.startsWith(it)));
  return (
    (providerId !== undefined && node.providerId?.startsWith(providerId) === true) ||
    (version !== undefined && node.kubeletVersion?.includes(version) === true) ||
    (lists.instanceType !== undefined &&
      node.labels["node.kubernetes.io/instance-type"] === lists.instanceType) ||
    (osImage !== undefined && node.osImage?.startsWith(osImage) === true) ||
    begins(node.installerMarks ?? [], lists.annotations) ||
    begins(Object.keys(node.labels), lists.labels) ||
    begins(
      node.taints.map((it) => it.key),
      lists.taints,
    )
  );
}
