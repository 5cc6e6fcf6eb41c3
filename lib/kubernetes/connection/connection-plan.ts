import type { TlsMaterial } from "./tls-material.ts";
import type { Credentials } from "./transport.ts";

/** Where the API server is and how we get in; what a kubeconfig or EKS comes down to. */
export type ConnectionPlan = {
  readonly endpoint: URL;
  readonly tls: TlsMaterial;
  readonly proxy?: URL;
  readonly credentials: Credentials;
  /** What a person should know of this way in before it is used: whole sentences. */
  readonly notes?: readonly string[];
};
