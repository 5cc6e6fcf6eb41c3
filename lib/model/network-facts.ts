/**
 * What is known of the network around the nodes, from wherever a caller can learn it (the cluster, EKS, EC2, DNS).
 * Everything is optional: the guard treats what is missing as "may be any of the possible ones".
 */
export type NetworkFacts = {
  /**
   * Where the API servers themselves listen: what the Service `kubernetes` leads to. On EKS these are the control plane's
   * network interfaces in the VPC; pods and host-networked programs reach the API server there, and it reaches kubelets
   * from there.
   */
  readonly apiServers?: readonly ApiServer[];
  /** What the name of the API server stands for, where it stands for the same everywhere (EKS: no private access). */
  readonly apiServerAddresses?: readonly string[];
  /** Ways to the API server that the cluster has open (EKS: endpointPrivateAccess, endpointPublicAccess). */
  readonly apiServerAccess?: { readonly private: boolean; readonly public: boolean };
  /** All CIDR blocks of the VPC, both families. */
  readonly vpcCidrs?: readonly string[];
  /** The blocks that Services have their addresses from (EKS: kubernetesNetworkConfig; else the ServiceCIDR `kubernetes`). */
  readonly serviceCidrs?: readonly string[];
};

export type ApiServer = { readonly address: string; readonly port: number };
