/**
 * A pool of kept-alive HTTP connections to one API server, and one exchange over it.
 * In: method, path, headers, body, signal. Out: status and text. Knows nothing of Kubernetes, retries nothing.
 */
import type { Readable } from "node:stream";
import { type Dispatcher, Pool, ProxyAgent, type buildConnector } from "undici";
import type { Answer } from "../requests/classify-answer.ts";
import { openSocket, type TlsSettings } from "./open-socket.ts";
import { tlsOptionsForProxy, type TlsMaterial } from "./tls-material.ts";

export type ConnectionOptions = {
  readonly endpoint: URL;
  readonly tls: TlsMaterial;
  /** `proxy-url` of the kubeconfig. */
  readonly proxy: URL | undefined;
  /** Requests that may be under way at the same time. */
  readonly connections: number;
  readonly timeouts: Timeouts;
};

/** Milliseconds. `body` is the longest silence inside an answer, not its whole length. */
export type Timeouts = { readonly connect: number; readonly headers: number; readonly body: number };

export const defaultTimeouts: Timeouts = { connect: 5_000, headers: 15_000, body: 10_000 };

export type Connection = {
  readonly endpoint: URL;
  /** @param reader takes the body of a success in as it arrives; its `end` is then the answer's text */
  exchange(message: HttpMessage, signal: AbortSignal, reader?: BodyReader): Promise<Answer>;
  close(): Promise<void>;
};

export type BodyReader = {
  /** The body waits for it in the socket. */
  readonly turn?: Promise<void>;
  write(chunk: Buffer): void;
  /** What of the body is still to be read as a whole. */
  end(): string;
};

export type HttpMessage = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | undefined;
};

export function openConnection(options: ConnectionOptions): Connection {
  const dispatcher = createDispatcher(options);
  const prefix = options.endpoint.pathname.replace(/\/+$/, "");
  return {
    endpoint: options.endpoint,
    exchange: async (message, signal, reader) => {
      const response = await dispatcher.request({
        origin: options.endpoint.origin,
        method: message.method,
        path: `${prefix}${message.path}`,
        headers: message.headers,
        body: message.body ?? null,
        signal,
      });
      return {
        status: response.statusCode,
        retryAfterSeconds: readRetryAfter(response.headers["retry-after"]),
        ...readDate(response.headers["date"]),
        text:
          reader === undefined || response.statusCode !== 200
            ? await response.body.text()
            : await readInPieces(response.body, reader),
      };
    },
    close: () => dispatcher.destroy(),
  };
}

async function readInPieces(body: Readable, reader: BodyReader): Promise<string> {
  if (reader.turn !== undefined) {
    // A body that breaks off while it waits has nobody else to tell; reading it says so again.
    body.on("error", () => {});
    await reader.turn;
  }
  for await (const chunk of body as AsyncIterable<Buffer>) reader.write(chunk);
  return reader.end();
}

function createDispatcher(options: ConnectionOptions): Dispatcher {
  const { endpoint, connections, timeouts } = options;
  const shared = { connections, pipelining: 1, headersTimeout: timeouts.headers, bodyTimeout: timeouts.body };
  if (options.proxy !== undefined)
    return new ProxyAgent({
      ...shared,
      uri: options.proxy.href,
      requestTls: { ...tlsOptionsForProxy(options.tls), timeout: timeouts.connect },
      proxyTls: { timeout: timeouts.connect },
    });
  return new Pool(endpoint.origin, {
    ...shared,
    keepAliveTimeout: 30_000,
    connect: connector(endpoint.protocol === "https:" ? options.tls.settings : undefined, timeouts.connect),
  });
}

function connector(tls: TlsSettings | undefined, timeoutMilliseconds: number): buildConnector.connector {
  return (options, callback) => {
    const port = Number(options.port === "" ? (options.protocol === "https:" ? 443 : 80) : options.port);
    openSocket({ host: options.hostname, port, tls, timeoutMilliseconds }).then(
      (socket) => {
        callback(null, socket);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error("connecting failed", { cause: error }), null);
      },
    );
  };
}

/** The server's own clock, to the second. */
function readDate(header: string | string[] | undefined): { readonly date?: number } {
  const date = Date.parse(Array.isArray(header) ? (header[0] ?? "") : (header ?? ""));
  return Number.isNaN(date) ? {} : { date };
}

/** Seconds, from a number or an HTTP date; nothing for anything else. */
function readRetryAfter(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
