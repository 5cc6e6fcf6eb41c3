import type { StringMap } from "./kubernetes-object.ts";

/** A node has at most so many addresses of a kind that count; Felix makes rules of each. */
export const MOST_OF_A_KIND = 16;

/** What we keep of a Node: projected page by page, so that images and managedFields never pile up in memory. */
export type Node = {
  readonly name: string;
  readonly uid: string;
  readonly providerId?: string;
  readonly labels: StringMap;
  /** Only annotations that decide something: `projectcalico.org/…` and `alpha.kubernetes.io/provided-node-ip`. */
  readonly annotations: StringMap;
  readonly addresses: readonly NodeAddress[];
  /** Its instance's primary addresses, where the Node itself leaves open which ones are its own. */
  readonly primaryAddresses?: readonly string[];
  /** What it listed although it is another node's; `addresses` holds it no more. */
  readonly contested?: readonly ContestedAddress[];
  /** What it listed although it is no node's, or not this one's; `addresses` holds it no more. */
  readonly refused?: readonly RefusedAddress[];
  /** Only EC2 could tell which of its addresses are its own, and nobody could ask EC2. */
  readonly unconfirmed?: true;
  readonly taints: readonly NodeTaint[];
  /** Status of the Ready condition; `Unknown` when there is none. */
  readonly ready: "True" | "False" | "Unknown";
  /** `status.nodeInfo.operatingSystem`, lower case as the kubelet reports it. */
  readonly operatingSystem?: string;
  readonly podCidrs: readonly string[];
  /** `status.nodeInfo`, where it tells an installer: `v1.33.1+k3s1`, `v1.33.1-eks-5e0fdde`. */
  readonly kubeletVersion?: string;
  readonly osImage?: string;
  /** Keys of annotations that installers leave (model/provider.ts). */
  readonly installerMarks?: readonly string[];
  /** Where its kubelet listens, when that is not the usual port. */
  readonly kubeletPort?: number;
  /** RFC 3339. */
  readonly createdAt?: string;
  readonly deleting: boolean;
};

/** `address` is canonical. */
export type ContestedAddress = { readonly address: string; readonly owner: string };

/** `address` is canonical; `because` completes "which is ...". */
export type RefusedAddress = {
  readonly type: string;
  readonly address: string;
  readonly because: string;
};

/** Annotation: what the kubelet was told with `--node-ip`. */
export const PROVIDED_NODE_IP = "alpha.kubernetes.io/provided-node-ip";

/** Where kubelets listen unless their Node says otherwise. */
export const KUBELET_PORT = 10_250;

/** `effect`: `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
export type NodeTaint = { readonly key: string; readonly value: string; readonly effect: string };

export type NodeAddress = { readonly type: NodeAddressType | (string & {}); readonly address: string };
export type NodeAddressType = "InternalIP" | "ExternalIP" | "InternalDNS" | "ExternalDNS" | "Hostname";

/** True when the Node is marked as one of the control plane: by kubeadm, RKE2, k3s or MicroK8s. */
export function isControlPlane({ labels, taints }: Pick<Node, "labels" | "taints">): boolean {
  const marks = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node-role.eks-local.amazonaws.com/control-plane",
  ];
  return (
    marks.some((it) => labels[it] !== undefined || taints.some((taint) => taint.key === it)) ||
    labels["node.kubernetes.io/microk8s-controlplane"] !== undefined
  );
}

/** True when the Node may be one that serves the API: marked so, or where nobody else is known to. */
export function mayServeApi(node: Node): boolean {
  return isControlPlane(node) || node.providerId?.startsWith("aws:") !== true;
}
