/**
 * The Lambda's way in: endpoint and CA bundle from `DescribeCluster`, and a token that is signed here.
 * Loads no kubeconfig and no client library.
 */
import { UnreachableError, UsageError } from "../../model/errors.ts";
import { systemClock } from "../../ports/clock.ts";
import { connect, type ClusterConnection, type ConnectOptions } from "./connect.ts";
import { readTlsMaterial } from "./tls-material.ts";
import type { Credentials } from "./transport.ts";

export type TokenConnection = ConnectOptions & {
  /** `https://…`, as EKS says it. */
  readonly endpoint: string;
  /** PEM; the whole bundle, which holds two certificates while the cluster's CA rotates. Undefined: the machine's own roots. */
  readonly caPem: string | undefined;
  /** A bearer token that is good now. Asked for each request, so it may answer from a cache; `fresh` says that the last one was refused (401). */
  token(signal: AbortSignal, fresh: boolean): Promise<string>;
  /** What to do when the token is refused even when fresh; a sentence. */
  readonly fixOfRejection?: string;
};

/** @throws UsageError when endpoint or CA bundle cannot be read. Connects nothing yet. */
export function connectWithToken(options: TokenConnection): ClusterConnection {
  const endpoint = readEndpoint(options.endpoint, "the cluster endpoint");
  const clock = options.clock ?? systemClock;
  const tls = readTlsMaterial({
    ca: options.caPem,
    certificate: undefined,
    key: undefined,
    verify: true,
    serverName: undefined,
    origin: endpoint.origin,
    now: clock.now(),
  });
  return connect({ endpoint, tls, credentials: tokenCredentials(options) }, options);
}

/** @throws UsageError with `what` in it when it is no http(s) URL. */
export function readEndpoint(text: string, what: string): URL {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.hostname === "")
    throw new UsageError(`${what} is no server address: "${text}"; it must look like https://host:443`);
  return url;
}

function tokenCredentials(options: TokenConnection): Credentials {
  return {
    renewable: true,
    headers: {},
    fixOfRejection:
      options.fixOfRejection ??
      "Check that an EKS access entry maps this IAM role, that its credentials have not expired, and that the clock is right.",
    authorize: async (signal, fresh) => {
      const token = await options.token(signal, fresh);
      if (token === "" || /[^\x21-\x7e]/.test(token))
        throw new UnreachableError(
          "the token provider answered with something that is no token",
          "credentials",
        );
      return `Bearer ${token}`;
    },
  };
}
