/**
 * What a loop tells those who look after it, over HTTP: `/livez` (is it going?), `/readyz` (has it read the cluster once?) and
 * `/metrics`. Anything else is 404, and nothing can be changed through it.
 *
 * Must never happen: a restart because the API server is away. A round that fails is a round: only one that never ends is not.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../../../lib/model/errors.ts";
import type { ListenAddress } from "../input/listen-address.ts";
import { createRunMetrics, type Round } from "./run-metrics.ts";

export type Status = {
  /** `http://host:port` */
  readonly url: string;
  readonly observe: (round: Round) => void;
  readonly close: () => Promise<void>;
};

export type StatusRequest = {
  readonly address: ListenAddress;
  /** A round and its pause together never take longer, or the loop hangs. */
  readonly mostMillisecondsBetweenRounds: number;
};

/** @throws UsageError when the address cannot be listened on. */
export async function serveStatus(request: StatusRequest): Promise<Status> {
  const metrics = createRunMetrics();
  // A clock that nobody sets: a correction of the time of day must restart nothing.
  let lastRound = performance.now();
  let isReady = false;
  const server = createServer((asked, response) => {
    const path = asked.url?.split("?")[0] ?? "";
    if (asked.method !== "GET" && asked.method !== "HEAD") return answer(response, 405, "only GET\n");
    switch (path) {
      case "/livez": {
        const seconds = Math.round((performance.now() - lastRound) / 1000);
        const isAlive = performance.now() - lastRound <= request.mostMillisecondsBetweenRounds;
        return answer(response, isAlive ? 200 : 503, `the last round ended ${seconds} seconds ago\n`);
      }
      case "/readyz":
        return answer(response, isReady ? 200 : 503, isReady ? "ok\n" : "no round has succeeded yet\n");
      case "/metrics":
        metrics.text().then(
          (text) => answer(response, 200, text, metrics.contentType),
          () => answer(response, 500, "metrics cannot be written\n"),
        );
        return;
      default:
        answer(response, 404, "there are /livez, /readyz and /metrics\n");
    }
  });
  // Whoever opens connections and says nothing holds nobody up.
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 64;
  await listen(server, request.address);
  return {
    url: urlOf(server.address() as AddressInfo),
    observe: (round) => {
      lastRound = performance.now();
      isReady ||= round.succeeded;
      metrics.observe(round, Date.now());
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: ReturnType<typeof createServer>, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const what =
        cause.code === "EADDRINUSE"
          ? "somebody listens there already"
          : `it cannot be listened on (${cause.code ?? cause.message})`;
      reject(
        new UsageError(`--listen ${host ?? ""}:${port}: ${what}; choose another address or port`, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function answer(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(text);
}
