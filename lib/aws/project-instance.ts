import type { Instance as Ec2Instance, InstanceNetworkInterface } from "@aws-sdk/client-ec2";
import type { Instance } from "../model/instance.ts";

const STATES: readonly Instance["state"][] = [
  "pending",
  "running",
  "shutting-down",
  "stopping",
  "stopped",
  "terminated",
];

/** Tags whose value is the cluster's name (docs/aws.md 3.4, 5): of managed node groups, Karpenter and Auto Mode. */
const CLUSTER_TAGS = new Set(["aws:eks:cluster-name", "eks:cluster-name", "eks:eks-cluster-name"]);

/** The tag whose key ends with the cluster's name; its value is `owned` or `shared`. */
const CLUSTER_TAG_PREFIX = "kubernetes.io/cluster/";

/** What we need of an instance, from what EC2 says. Undefined for an answer without id or state. */
export function projectInstance(instance: Ec2Instance): Instance | undefined {
  const state = STATES.find((it) => it === instance.State?.Name);
  if (instance.InstanceId === undefined || state === undefined) return undefined;
  const primary = instance.NetworkInterfaces?.find(
    (it) => it.Attachment?.DeviceIndex === 0 && (it.Attachment.NetworkCardIndex ?? 0) === 0,
  );
  const privateIPv4 = primary?.PrivateIpAddress ?? instance.PrivateIpAddress;
  const ipv6 = primary?.Ipv6Addresses?.[0]?.Ipv6Address ?? instance.Ipv6Address;
  const publicIPv4 = primary?.Association?.PublicIp ?? instance.PublicIpAddress;
  const tags = (instance.Tags ?? []).map((it) => [it.Key ?? "", it.Value ?? ""] as const);
  const autoScalingGroup = tags.find(([key]) => key === "aws:autoscaling:groupName")?.[1];
  return {
    instanceId: instance.InstanceId,
    state,
    privateDnsName: instance.PrivateDnsName ?? "",
    availabilityZone: instance.Placement?.AvailabilityZone ?? "",
    ...(isSaid(privateIPv4) ? { privateIPv4 } : {}),
    ...(isSaid(ipv6) ? { ipv6 } : {}),
    ...(isSaid(publicIPv4) ? { publicIPv4 } : {}),
    ...addressesOf(instance.NetworkInterfaces ?? []),
    ...(isSaid(autoScalingGroup) ? { autoScalingGroup } : {}),
    ...securityGroupsOf(instance),
    ...(instance.LaunchTime === undefined ? {} : { launchedAt: instance.LaunchTime.toISOString() }),
    clusters: clustersOf(tags),
  };
}

function securityGroupsOf({
  SecurityGroups,
  NetworkInterfaces,
}: Ec2Instance): Pick<Instance, "securityGroups"> {
  const groups = [...(SecurityGroups ?? []), ...(NetworkInterfaces ?? []).flatMap((it) => it.Groups ?? [])];
  const ids = [...new Set(groups.map((it) => it.GroupId).filter(isSaid))].sort();
  return ids.length === 0 ? {} : { securityGroups: ids };
}

/** Of all network interfaces: what may be the instance's own, whoever uses it there. */
function addressesOf(interfaces: readonly InstanceNetworkInterface[]): Pick<Instance, "addresses"> {
  if (interfaces.length === 0) return {};
  const all = interfaces.flatMap((it) => [
    it.PrivateIpAddress,
    ...(it.PrivateIpAddresses ?? []).map((one) => one.PrivateIpAddress),
    ...(it.Ipv6Addresses ?? []).map((one) => one.Ipv6Address),
  ]);
  return { addresses: [...new Set(all.filter(isSaid))].sort() };
}

function clustersOf(tags: readonly (readonly [string, string])[]): readonly string[] {
  const names = tags.flatMap(([key, value]) => {
    if (key.startsWith(CLUSTER_TAG_PREFIX)) return [key.slice(CLUSTER_TAG_PREFIX.length)];
    return CLUSTER_TAGS.has(key) ? [value] : [];
  });
  return [...new Set(names.filter(isSaid))].sort();
}

function isSaid(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
