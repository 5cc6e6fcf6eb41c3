import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../control-plane/processes/free-port.ts";
import { startSupervised } from "../../control-plane/processes/start-supervised.ts";

export type PythonServer = AsyncDisposable & { readonly url: string; readonly stop: () => Promise<void> };

export type PythonServerOptions = {
  readonly name: string;
  readonly python: string;
  /** What to run on a port. */
  readonly args: (port: number) => readonly string[];
  readonly environment: (port: number, folder: string) => Readonly<Record<string, string>>;
  /** Path that answers 200 when it is ready. */
  readonly readyPath: string;
};

const patienceMilliseconds = 90_000;
const pollMilliseconds = 100;

/** Starts a server on a free loopback port and resolves when it answers. It never outlives whoever started it. */
export async function startPythonServer(options: PythonServerOptions): Promise<PythonServer> {
  const folder = mkdtempSync(join(tmpdir(), `${options.name}-`));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = startSupervised({
    folder,
    programs: [
      {
        name: options.name,
        file: options.python,
        args: options.args(port),
        environment: { NO_PROXY: "127.0.0.1,localhost", ...options.environment(port, folder) },
      },
    ],
  });
  const { stop } = running;
  try {
    await Promise.race([answers(`${url}${options.readyPath}`), running.failure]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop, [Symbol.asyncDispose]: stop };
}

async function answers(url: string): Promise<void> {
  const until = Date.now() + patienceMilliseconds;
  while (Date.now() < until) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await sleep(pollMilliseconds);
  }
  throw new Error(`${url} did not answer within ${patienceMilliseconds / 1000} s`);
}
