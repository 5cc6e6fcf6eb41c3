import { asksForAddresses } from "../../snapshot/read-network-facts.ts";
import type { Check } from "../facts.ts";

/** Where policies name addresses, the guard should know the VPC's; by a kubeconfig alone nobody can be asked for them. */
export const networkCheck: Check = ({ plan }) => {
  if (plan === undefined) return [];
  const { network, policyObjects } = plan.snapshot;
  if (network.apiServerAccess === undefined || network.vpcCidrs !== undefined) return [];
  if (!asksForAddresses(policyObjects)) return [];
  return [
    {
      severity: "warning",
      code: "vpc-unknown",
      object: "Cluster/vpc",
      message:
        "policies name addresses, and EC2 does not tell us the VPC's: the guard takes the block of 65,536 addresses around each node for it",
      fix: "grant ec2:DescribeVpcs to whoever runs this",
    },
  ];
};
