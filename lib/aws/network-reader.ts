/** What EKS, EC2 and DNS say of the network around the nodes, for the guard. */
import { lookup } from "node:dns/promises";
import type { NetworkReader } from "../ports/network.ts";
import type { ClusterFacts } from "./cluster-facts.ts";
import type { VpcReader } from "./vpc-reader.ts";

/**
 * The name of the API server is looked up only where it stands for the same everywhere: with private access, nodes in the
 * VPC get other addresses than anybody else (EKS user guide, "Cluster API server endpoint").
 */
export function networkReader(facts: ClusterFacts, vpcs: VpcReader): NetworkReader {
  const { privateAccess, publicAccess, vpcId, endpoint, serviceCidrs } = facts;
  const apiServerAccess = { private: privateAccess, public: publicAccess };
  const always = { apiServerAccess, ...(serviceCidrs === undefined ? {} : { serviceCidrs }) };
  return {
    read: async (wanted, signal) => {
      if (!wanted.addresses) return always;
      const [vpcCidrs, apiServerAddresses] = await Promise.all([
        vpcId === undefined ? undefined : vpcs.cidrs(vpcId, signal),
        privateAccess ? undefined : addressesOf(new URL(endpoint).hostname),
      ]);
      return {
        ...always,
        ...(vpcCidrs === undefined ? {} : { vpcCidrs }),
        ...(apiServerAddresses === undefined ? {} : { apiServerAddresses }),
      };
    },
  };
}

/** Undefined when the name cannot be resolved: whoever needs the API server says so more clearly. */
async function addressesOf(hostname: string): Promise<readonly string[] | undefined> {
  try {
    const found = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true });
    return found.map((it) => it.address).sort();
  } catch {
    return undefined;
  }
}
