import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { CertificateAndKey } from "./test-certificates.ts";

export type LoopbackServer = AsyncDisposable & {
  /** `http://127.0.0.1:PORT`, with a certificate `https://` */
  readonly url: string;
  /** Also ends the connections that are open. */
  readonly stop: () => Promise<void>;
};

/** A server on a free port of this machine, in the place of somebody else's; by TLS when it is given a certificate. */
export async function serveLoopback(
  serve: RequestListener,
  tls?: CertificateAndKey,
): Promise<LoopbackServer> {
  const server =
    tls === undefined ? createServer(serve) : createTlsServer({ cert: tls.certificate, key: tls.key }, serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
