/** The command line's way in: any cluster that kubectl reaches. */
import { readFile } from "node:fs/promises";
import { UsageError } from "../../model/errors.ts";
import { systemClock } from "../../ports/clock.ts";
import { connect, type ClusterConnection, type ConnectOptions } from "./connect.ts";
import { readEndpoint } from "./connect-with-token.ts";
import { pickContext } from "../kubeconfig/kubeconfig-context.ts";
import { readCredentials } from "../kubeconfig/kubeconfig-credentials.ts";
import { withholdCredentials } from "../kubeconfig/withhold-credentials.ts";
import { readKubeconfig } from "../kubeconfig/kubeconfig-files.ts";
import { readTlsMaterial } from "./tls-material.ts";

export type KubeconfigConnection = ConnectOptions & {
  /** Default as kubectl: the KUBECONFIG list, else `~/.kube/config`. */
  readonly file?: string;
  /** Default: the file's current-context. */
  readonly context?: string;
  /** Default `process.env`; plugins get it too. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads the kubeconfig, runs its credential plugin, and hands out a connection. Asks the API server nothing yet.
 *
 * @throws UsageError when the file, the context or a certificate cannot be read;
 * UnreachableError (layer `credentials`) when the plugin fails or the client certificate has expired.
 */
export async function connectWithKubeconfig(
  options: KubeconfigConnection,
  signal: AbortSignal,
): Promise<ClusterConnection & { readonly context: string }> {
  const environment = options.environment ?? process.env;
  const clock = options.clock ?? systemClock;
  const kubeconfig = await readKubeconfig({
    ...(options.file === undefined ? {} : { file: options.file }),
    environment,
  });
  const context = pickContext(kubeconfig, options.context);
  const { cluster, user, origin } = context;
  const endpoint = readEndpoint(cluster.server, `the server of ${origin}`);
  const proxy = cluster.proxyUrl === undefined ? undefined : readProxy(cluster.proxyUrl, origin);
  const own = {
    ca: await readPem(cluster.caFile, cluster.caData, `the CA bundle of ${origin}`),
    certificate: await readPem(user.certFile, user.certData, `the client certificate of ${origin}`),
    key: await readPem(user.keyFile, user.keyData, `the client key of ${origin}`),
    verify: !cluster.skipTLSVerify,
    serverName: cluster.tlsServerName,
    origin,
    now: clock.now(),
  };
  const checked = readTlsMaterial(own);
  if (endpoint.protocol !== "https:") {
    const { credentials, note } = withholdCredentials(context, endpoint);
    const plain = { endpoint, tls: checked, credentials, notes: note === undefined ? [] : [note] };
    const opened = connect({ ...plain, ...(proxy === undefined ? {} : { proxy }) }, options);
    return { ...opened, context: context.name };
  }
  const { credentials, certificate, key } = await readCredentials(context, { clock, environment }, signal);
  const tls = readTlsMaterial({ ...own, certificate: certificate ?? own.certificate, key: key ?? own.key });
  const connection = connect(
    { endpoint, tls, credentials, ...(proxy === undefined ? {} : { proxy }) },
    options,
  );
  return { ...connection, context: context.name };
}

/** The text of a PEM file, or of the base64 in the kubeconfig; undefined when it has neither. Data wins over the file, as in client-go. */
async function readPem(
  file: string | null | undefined,
  data: string | null | undefined,
  what: string,
): Promise<string | undefined> {
  if (typeof data === "string" && data !== "") return Buffer.from(data, "base64").toString("utf8");
  if (typeof file !== "string" || file === "") return undefined;
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(`${what} cannot be read: ${file}`, { cause });
  }
}

function readProxy(text: string, origin: string): URL {
  const url = URL.parse(text);
  if (url !== null && ["http:", "https:", "socks5:"].includes(url.protocol)) return url;
  throw new UsageError(`the proxy-url of ${origin} must be http://, https:// or socks5://`);
}
