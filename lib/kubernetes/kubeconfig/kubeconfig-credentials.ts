/** How the user of a kubeconfig proves who it is: token, token file, plugin, OpenID Connect, name and password, or a certificate. */
import { readFile } from "node:fs/promises";
import { UsageError } from "../../model/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { runExecPlugin, type ExecCredential, type ExecPlugin } from "./exec-plugin.ts";
import { impersonationOf } from "./impersonation.ts";
import type { KubeconfigContext } from "./kubeconfig-context.ts";
import { isJsonObject, stringAt } from "../../model/read-json.ts";
import { createTokenCache } from "../connection/token-cache.ts";
import type { Credentials } from "../connection/transport.ts";

export type UserCredentials = {
  readonly credentials: Credentials;
  /** PEM that a plugin answered; it takes part in the TLS handshake. */
  readonly certificate?: string;
  readonly key?: string;
};

export type CredentialSurroundings = {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** A token file is read again after this time, as client-go does; in milliseconds. */
const tokenFileLife = 60_000;

/** @throws UsageError or UnreachableError (layer `credentials`). Runs the plugin once when there is one. */
export async function readCredentials(
  context: KubeconfigContext,
  surroundings: CredentialSurroundings,
  signal: AbortSignal,
): Promise<UserCredentials> {
  const { origin, exec, tokenFile, user } = context;
  const { clock } = surroundings;
  const headers = impersonationOf(context);
  const fixOfRejection = `Check the credentials of ${origin}: they may have expired, or belong to another cluster.`;
  const base = { headers, fixOfRejection };
  if (exec !== undefined) {
    const plugin: ExecPlugin = {
      spec: exec,
      origin,
      clusterEntry: context.clusterEntry,
      environment: surroundings.environment,
    };
    return usePlugin(plugin, clock, base, signal);
  }
  if (tokenFile !== undefined) {
    const read = async () => ({
      token: await readToken(tokenFile, origin),
      expiresAt: clock.now() + tokenFileLife,
    });
    const tokens = createTokenCache(read, clock, await read());
    return {
      credentials: {
        ...base,
        renewable: true,
        authorize: async (it, fresh) => bearer(await tokens(it, fresh)),
      },
    };
  }
  const provider: unknown = user.authProvider;
  if (isJsonObject(provider)) {
    const name = stringAt(provider, "name") ?? "";
    if (name !== "oidc")
      throw new UsageError(
        `${origin} uses the auth-provider "${name}", which kubectl dropped as well (1.26); get a kubeconfig with an exec plugin instead`,
      );
    return { credentials: { ...base, renewable: true, authorize: await openIdConnect(context) } };
  }
  const fixed = fixedAuthorization(context);
  return { credentials: { ...base, renewable: false, authorize: () => Promise.resolve(fixed) } };
}

async function usePlugin(
  plugin: ExecPlugin,
  clock: Clock,
  base: Pick<Credentials, "headers" | "fixOfRejection">,
  signal: AbortSignal,
): Promise<UserCredentials> {
  const first: ExecCredential = await runExecPlugin(plugin, signal);
  const tokens = createTokenCache((it) => runExecPlugin(plugin, it), clock, first);
  return {
    credentials: {
      ...base,
      renewable: first.token !== undefined,
      authorize: async (it, fresh) => bearer(await tokens(it, fresh)),
    },
    ...(first.certificate === undefined ? {} : { certificate: first.certificate }),
    ...(first.key === undefined ? {} : { key: first.key }),
  };
}

/** client-node knows how to renew an OpenID Connect token. Loaded only here: it brings the whole package with it. */
async function openIdConnect({ user }: KubeconfigContext): Promise<Credentials["authorize"]> {
  const { OpenIDConnectAuth } = await import("@kubernetes/client-node/dist/oidc_auth.js");
  const provider = new OpenIDConnectAuth();
  return async () => {
    const options: { headers: Record<string, string> } = { headers: {} };
    await provider.applyAuthentication(user, options);
    return options.headers["Authorization"];
  };
}

function fixedAuthorization({ user }: KubeconfigContext): string | undefined {
  if (user.token !== undefined && user.token !== "") return bearer(user.token);
  if (typeof user.username !== "string" || user.username === "") return undefined;
  return `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}`;
}

async function readToken(file: string, origin: string): Promise<string> {
  try {
    const token = (await readFile(file, "utf8")).trim();
    if (token !== "") return token;
  } catch (cause) {
    throw new UsageError(`the token file ${file} of ${origin} cannot be read`, { cause });
  }
  throw new UsageError(`the token file ${file} of ${origin} is empty`);
}

function bearer(token: string | undefined): string | undefined {
  return token === undefined || token === "" ? undefined : `Bearer ${token}`;
}
