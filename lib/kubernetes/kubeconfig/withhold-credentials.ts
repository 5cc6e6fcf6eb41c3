/**
 * A server that is reached by `http://` gets nothing that proves who we are, and no plug-in is run for it: everybody on
 * the way could read a token or a password. Whom to act as is no secret and is sent.
 * Source of the rule: client-go, clientcmd (credentials are read only for a transport with TLS).
 */
import type { Credentials } from "../connection/transport.ts";
import { impersonationOf } from "./impersonation.ts";
import type { KubeconfigContext } from "./kubeconfig-context.ts";

export type WithheldCredentials = {
  readonly credentials: Credentials;
  /** One sentence for a person; undefined when the context has nothing to withhold. */
  readonly note: string | undefined;
};

export function withholdCredentials(context: KubeconfigContext, endpoint: URL): WithheldCredentials {
  const { origin } = context;
  const withheld = whatIsWithheld(context);
  return {
    credentials: {
      headers: impersonationOf(context),
      renewable: false,
      authorize: () => Promise.resolve(undefined),
      fixOfRejection: `The server of ${origin} is an http:// address, so its credentials are withheld; give it an https:// address.`,
    },
    note:
      withheld === undefined
        ? undefined
        : `the server of ${origin} is ${endpoint.origin}, where everybody on the way can read along: ${withheld}, as kubectl does; use https://`,
  };
}

function whatIsWithheld({ user, exec, tokenFile }: KubeconfigContext): string | undefined {
  if (exec !== undefined) return "its credential plug-in is not run";
  const has = [user.token, user.username, user.password, tokenFile, user.certData, user.certFile].some(
    (it) => typeof it === "string" && it !== "",
  );
  return has || typeof user.authProvider === "object" ? "its credentials are not sent" : undefined;
}
