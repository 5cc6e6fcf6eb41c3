import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range that Linux and macOS hand to outgoing connections, so that none of these takes the port meanwhile. */
const lowest = 20_000;
const highest = 32_000;
const attempts = 200;

/** A TCP port of the loopback interface that nothing listens on now. Throws when 200 random ones are all taken. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free TCP port between ${lowest} and ${highest} on 127.0.0.1`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
