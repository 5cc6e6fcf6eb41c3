import type { NetworkFacts } from "../model/network-facts.ts";

/** What can be learned of the network around the nodes beside the cluster itself. */
export interface NetworkReader {
  /**
   * @param wanted `addresses`: also what costs a request (the VPC's blocks, the addresses of the API server's name)
   * @throws errors of `model/errors.ts`; what may not be read is left out
   */
  read(wanted: { readonly addresses: boolean }, signal: AbortSignal): Promise<NetworkFacts>;
}
