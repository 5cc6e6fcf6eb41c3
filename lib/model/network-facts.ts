/**
 * What is known of the network around the nodes, from wherever a caller can learn it (EKS, EC2, DNS). Everything is
 * optional: the guard treats what is missing as "may be any of the possible ones".
 */
export type NetworkFacts = {
  /** Addresses that the name of the API server stands for, as nodes resolve it. */
  readonly apiServerAddresses?: readonly string[];
  /** Ways to the API server that the cluster has open (EKS: endpointPrivateAccess, endpointPublicAccess). */
  readonly apiServerAccess?: { readonly private: boolean; readonly public: boolean };
  /** All CIDR blocks of the VPC, both families. */
  readonly vpcCidrs?: readonly string[];
  /** Does Felix get its data from Typha? */
  readonly typha?: boolean;
};
