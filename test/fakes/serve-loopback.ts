import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export type LoopbackServer = AsyncDisposable & {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Also ends the connections that are open. */
  readonly stop: () => Promise<void>;
};

/** An HTTP server on a free port of this machine, in the place of somebody else's. */
export async function serveLoopback(serve: RequestListener): Promise<LoopbackServer> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}
