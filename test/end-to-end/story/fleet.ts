/** Machines of the story: instances that moto's EC2 runs, and the Nodes that their kubelets would register. */
import { RunInstancesCommand, TerminateInstancesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { NODE_UID_ANNOTATION } from "../../../lib/names/names.ts";
import { aNodeObject, type NodeSketch } from "../../builders/a-node.ts";
import type { AnyObject } from "../../control-plane/admin-client.ts";
import type { ControlPlane } from "../../control-plane/control-plane.ts";

export type Machine = { readonly instanceId: string; readonly node: string; readonly address: string };

/** Starts an instance whose tags name a cluster; at the address of an earlier one, it also gets its DNS name. */
export async function runInstance(ec2: EC2Client, cluster: string, address?: string): Promise<Machine> {
  const { Instances: [instance] = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: "ami-12345678",
      MinCount: 1,
      MaxCount: 1,
      ...(address === undefined ? {} : { PrivateIpAddress: address }),
      TagSpecifications: [
        { ResourceType: "instance", Tags: [{ Key: `kubernetes.io/cluster/${cluster}`, Value: "owned" }] },
      ],
    }),
  );
  return {
    instanceId: instance?.InstanceId ?? "",
    node: instance?.PrivateDnsName ?? "",
    address: instance?.PrivateIpAddress ?? "",
  };
}

export async function terminateInstance(ec2: EC2Client, { instanceId }: Machine): Promise<void> {
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
}

/** What the kubelet of a machine does when it joins. */
export async function registerNode(
  controlPlane: ControlPlane,
  machine: Machine,
  sketch: NodeSketch = {},
): Promise<void> {
  await controlPlane.apply([
    aNodeObject({
      name: machine.node,
      providerId: `aws:///eu-west-1a/${machine.instanceId}`,
      addresses: [
        { type: "InternalIP", address: machine.address },
        { type: "Hostname", address: machine.node },
      ],
      ...sketch,
    }),
  ]);
}

export async function removeNode(controlPlane: ControlPlane, name: string): Promise<void> {
  await controlPlane.admin.remove(`/api/v1/nodes/${name}`);
}

/** A HostEndpoint as far as the story looks at it. */
export type SeenEndpoint = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeUid: string;
  readonly expectedIPs: readonly string[];
};

/** All HostEndpoints, by name. */
export async function hostEndpoints(controlPlane: ControlPlane): Promise<ReadonlyMap<string, SeenEndpoint>> {
  const { items } = await controlPlane.admin.list("/apis/crd.projectcalico.org/v1/hostendpoints");
  return new Map(items.map((it) => [it.metadata.name, see(it)]));
}

function see(object: AnyObject): SeenEndpoint {
  const { uid, labels, annotations } = object.metadata as {
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  const { expectedIPs } = object["spec"] as { readonly expectedIPs?: readonly string[] };
  return {
    name: object.metadata.name,
    uid: uid ?? "",
    labels: labels ?? {},
    nodeUid: annotations?.[NODE_UID_ANNOTATION] ?? "",
    expectedIPs: expectedIPs ?? [],
  };
}
