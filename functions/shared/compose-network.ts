import type { ClusterFacts } from "../../lib/aws/cluster-facts.ts";
import type { NetworkFacts } from "../../lib/model/network-facts.ts";

/**
 * What EKS says of the ways to the API server. Its addresses are not looked up: the name means other addresses here than
 * it means to a node in the VPC.
 */
export function networkFactsOf({ privateAccess, publicAccess }: ClusterFacts): NetworkFacts {
  return { apiServerAccess: { private: privateAccess, public: publicAccess } };
}
