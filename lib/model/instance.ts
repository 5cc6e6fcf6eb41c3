/** What EC2 knows of an instance (DescribeInstances), projected. */
export type Instance = {
  readonly instanceId: string;
  readonly state: "pending" | "running" | "shutting-down" | "stopping" | "stopped" | "terminated";
  /** Empty when the instance is gone. */
  readonly privateDnsName: string;
  readonly availabilityZone: string;
  /** Primary addresses of the primary network interface. */
  readonly privateIPv4?: string;
  readonly ipv6?: string;
  readonly publicIPv4?: string;
  /** Every private and IPv6 address of every network interface, secondary ones too; absent: only the above are known. */
  readonly addresses?: readonly string[];
  readonly autoScalingGroup?: string;
  /** Ids of the security groups of all its network interfaces; absent: not asked for. */
  readonly securityGroups?: readonly string[];
  /** RFC 3339; absent: EC2 does not say. */
  readonly launchedAt?: string;
  /** Clusters that the instance's tags name; empty when no tag names one. */
  readonly clusters: readonly string[];
};
