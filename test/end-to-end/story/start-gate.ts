/** A door in front of a server: shut, nobody listens there, and every open connection is cut. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export type Gate = {
  /** Stays the same whether it is open or shut. */
  readonly port: number;
  readonly shut: () => Promise<void>;
  readonly open: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export async function startGate(targetPort: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  async function open(): Promise<void> {
    server = createServer((socket) => {
      const through = connect(targetPort, "127.0.0.1");
      for (const it of [socket, through]) {
        sockets.add(it);
        it.on("error", () => undefined);
        it.once("close", () => {
          sockets.delete(it);
          socket.destroy();
          through.destroy();
        });
      }
      socket.pipe(through).pipe(socket);
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  }

  async function shut(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, "close");
    closing.close();
    for (const it of sockets) it.destroy();
    await closed;
  }

  await open();
  return { port, open, shut, stop: shut };
}
