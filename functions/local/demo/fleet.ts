/** The demo's cluster: machines as EC2 and as Kubernetes know them, and a Calico that is installed and enforces nothing yet. */
import type { Instance } from "../../../lib/model/instance.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";

export const CLUSTER = "demo";
export const GROUP = "prod-workers";
const ZONE = "eu-west-1a";

export type Machine = {
  readonly instanceId: string;
  readonly ip: string;
  readonly nodeGroup: "web" | "db";
  /** Windows and Fargate machines can have no HostEndpoint. */
  readonly kind?: "windows" | "fargate";
};

export const FIRST_MACHINES: readonly Machine[] = [
  { instanceId: "i-0aaaaaaaaaaaaaa01", ip: "10.0.1.11", nodeGroup: "web" },
  { instanceId: "i-0aaaaaaaaaaaaaa02", ip: "10.0.1.12", nodeGroup: "web" },
  { instanceId: "i-0aaaaaaaaaaaaaa03", ip: "10.0.2.21", nodeGroup: "db" },
  { instanceId: "i-0aaaaaaaaaaaaaa04", ip: "10.0.3.31", nodeGroup: "web", kind: "windows" },
  { instanceId: "i-0aaaaaaaaaaaaaa05", ip: "10.0.3.32", nodeGroup: "web", kind: "fargate" },
];
export const NEW_MACHINE: Machine = { instanceId: "i-0bbbbbbbbbbbbbb01", ip: "10.0.1.13", nodeGroup: "web" };
export const LATE_MACHINE: Machine = { instanceId: "i-0bbbbbbbbbbbbbb02", ip: "10.0.2.22", nodeGroup: "db" };

export function nodeName(machine: Machine): string {
  return `ip-${machine.ip.replaceAll(".", "-")}.eu-west-1.compute.internal`;
}

export function nodeOf(machine: Machine, labels: Readonly<Record<string, string>> = {}): KubernetesObject {
  const name = nodeName(machine);
  const fargate = machine.kind === "fargate";
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "eks.amazonaws.com/nodegroup": machine.nodeGroup,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": machine.kind === "windows" ? "windows" : "linux",
        "topology.kubernetes.io/zone": ZONE,
        ...(fargate ? { "eks.amazonaws.com/compute-type": "fargate" } : {}),
        ...labels,
      },
      annotations: { "alpha.kubernetes.io/provided-node-ip": machine.ip },
    },
    spec: {
      providerID: fargate ? `aws:///${ZONE}/fargate-${machine.ip}` : `aws:///${ZONE}/${machine.instanceId}`,
    },
    status: {
      addresses: [
        { type: "InternalIP", address: machine.ip },
        { type: "InternalDNS", address: name },
      ],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

/** What DescribeInstances says of a machine. */
export function instanceOf(machine: Machine, state: Instance["state"] = "running"): Instance {
  return {
    instanceId: machine.instanceId,
    state,
    privateDnsName: nodeName(machine),
    availabilityZone: ZONE,
    privateIPv4: machine.ip,
    autoScalingGroup: GROUP,
    clusters: [CLUSTER],
  };
}

/** Calico as its operator leaves it: the default tier, an empty FelixConfiguration, an open datastore. */
export const CALICO: readonly KubernetesObject[] = [
  calico("Tier", "default", { order: 1_000_000, defaultAction: "Deny" }),
  calico("FelixConfiguration", "default", {}),
  calico("ClusterInformation", "default", { datastoreReady: true, calicoVersion: "v3.32.0" }),
];

/** A policy that only logs, selects everything, and so denies all that it does not allow (calico#4673 was one). */
export const LOG_ONLY_POLICY = calico("GlobalNetworkPolicy", "log-only", {
  selector: "eks.amazonaws.com/nodegroup == 'db'",
  types: ["Ingress", "Egress"],
  ingress: [{ action: "Log" }],
  egress: [{ action: "Log" }],
});

function calico(kind: string, name: string, spec: KubernetesObject["spec"] & object): KubernetesObject {
  return { apiVersion: "crd.projectcalico.org/v1", kind, metadata: { name }, spec };
}
