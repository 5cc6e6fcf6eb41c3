/**
 * A loopback HTTP(S) proxy in front of a real API server that misbehaves on command: what a network, a load balancer and a
 * tired API server do to a client. It is the server as far as the client knows (`url`, `caPem`), not an HTTP proxy.
 *
 *     await using proxy = await startFaultProxy({ target: controlPlane().url, targetCaPem });
 *     proxy.fail({ method: "GET", path: /\/nodes\?/, call: 2, as: { kind: "status", status: 410 } });
 *     const connection = connectWithToken({ endpoint: proxy.url, caPem: proxy.caPem, token });
 */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createTestCertificates } from "./test-certificates.ts";

export type ProxyFault = {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Matched against path and query. */
  readonly path?: RegExp;
  /** Only the nth request that matches, from 1; default every one. */
  readonly call?: number;
  readonly as: Misbehaviour;
};

export type Misbehaviour =
  /** Takes the request and never answers. */
  | { readonly kind: "black-hole" }
  /** Cuts the connection before the request reaches the server. */
  | { readonly kind: "reset" }
  /** The server does what it was asked, and the connection is cut before a byte of the answer: the ambiguous write. */
  | { readonly kind: "reset-after" }
  /** Passes the head and half of the body on, then cuts the connection. */
  | { readonly kind: "reset-mid-body" }
  /** Half of the body, with a length that fits: valid HTTP, broken JSON. */
  | { readonly kind: "truncated-json" }
  /** 200 and a login page. */
  | { readonly kind: "html" }
  /** 200 and this body. */
  | { readonly kind: "body"; readonly body: string }
  /** A `Status` as kube-apiserver writes it. The request does not reach the server. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: "delay"; readonly milliseconds: number };

export type ProxiedRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** As it was sent; empty until the whole request is there. */
  readonly body: string;
};

export type FaultProxy = AsyncDisposable & {
  /** `https://127.0.0.1:PORT`, or `http://` for a target without TLS. */
  readonly url: string;
  /** Who signed the proxy's own certificate. */
  readonly caPem: string;
  /** Everything that arrived, faulty or not. */
  readonly requests: readonly ProxiedRequest[];
  /** Adds a fault; the answer takes it away again. The first that matches strikes. */
  fail(fault: ProxyFault): () => void;
  /** Takes all faults away. */
  heal(): void;
  /** From now on connections are refused, as by a server that is down; `listenAgain` brings it back on the same port. */
  refuse(): Promise<void>;
  listenAgain(): Promise<void>;
  stop(): Promise<void>;
};

export type FaultProxyOptions = {
  readonly target: string;
  /** Of the target, when it speaks TLS. */
  readonly targetCaPem?: string;
};

type Armed = { readonly fault: ProxyFault; seen: number };

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const secure = options.target.startsWith("https:");
  const certificates = secure ? createTestCertificates() : undefined;
  const agent = secure
    ? new https.Agent({
        keepAlive: true,
        ca: options.targetCaPem,
        servername: "localhost",
        checkServerIdentity: () => undefined,
      })
    : new http.Agent({ keepAlive: true });
  const armed = new Set<Armed>();
  const requests: ProxiedRequest[] = [];
  const sockets = new Set<Socket>();

  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const path = request.url ?? "/";
    const method = request.method ?? "GET";
    const arrived = { method, path, authorization: request.headers.authorization, body: "" };
    requests.push(arrived);
    const misbehaviour = strike(armed, method, path);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      arrived.body = body.toString("utf8");
      void misbehave(misbehaviour, { request, response, body, target: options.target, agent });
    });
    request.on("error", () => response.destroy());
  };
  const server =
    certificates === undefined
      ? http.createServer(onRequest)
      : https.createServer(
          { key: certificates.server.key, cert: certificates.server.certificate },
          onRequest,
        );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const close = async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const stop = async () => {
    agent.destroy();
    if (server.listening) await close();
  };
  return {
    url: `${secure ? "https" : "http"}://127.0.0.1:${port}`,
    caPem: certificates?.ca.certificate ?? "",
    requests,
    fail: (fault) => {
      const entry: Armed = { fault, seen: 0 };
      armed.add(entry);
      return () => armed.delete(entry);
    },
    heal: () => {
      armed.clear();
    },
    refuse: close,
    listenAgain: async () => void (await listen(port)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function strike(armed: ReadonlySet<Armed>, method: string, path: string): Misbehaviour | undefined {
  let struck: Misbehaviour | undefined;
  for (const entry of armed) {
    const { fault } = entry;
    if (fault.method !== undefined && fault.method !== method) continue;
    if (fault.path !== undefined && !fault.path.test(path)) continue;
    entry.seen += 1;
    if (struck === undefined && (fault.call === undefined || fault.call === entry.seen)) struck = fault.as;
  }
  return struck;
}

type Exchange = {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly body: Buffer;
  readonly target: string;
  readonly agent: http.Agent;
};

async function misbehave(how: Misbehaviour | undefined, exchange: Exchange): Promise<void> {
  const { response } = exchange;
  switch (how?.kind) {
    case "black-hole":
      return;
    case "reset":
      response.socket?.destroy();
      return;
    case "html":
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Log in</title>");
      return;
    case "body":
      response.writeHead(200, { "content-type": "application/json" }).end(how.body);
      return;
    case "status":
      answerStatus(response, how.status, how.retryAfterSeconds);
      return;
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, how.milliseconds));
      break;
    case undefined:
    case "reset-after":
    case "reset-mid-body":
    case "truncated-json":
      break;
  }
  await passOn(how, exchange);
}

async function passOn(
  how: Misbehaviour | undefined,
  { request, response, body, target, agent }: Exchange,
): Promise<void> {
  try {
    const answer = await ask(target, request, body, agent);
    if (how?.kind === "reset-after") {
      response.socket?.destroy();
      return;
    }
    const { "transfer-encoding": _chunked, connection: _connection, ...headers } = answer.headers;
    const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
    const sent = how?.kind === "truncated-json" ? half : answer.body;
    response.writeHead(answer.status, { ...headers, "content-length": sent.length });
    if (how?.kind === "reset-mid-body") response.write(half, () => response.socket?.destroy());
    else response.end(sent);
  } catch {
    response.destroy();
  }
}

function ask(target: string, request: http.IncomingMessage, body: Buffer, agent: http.Agent) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>(
    (resolve, reject) => {
      const client = target.startsWith("https:") ? https : http;
      const {
        host: _host,
        "content-length": _length,
        "transfer-encoding": _encoding,
        ...headers
      } = request.headers;
      const outgoing = client.request(
        new URL(request.url ?? "/", target),
        {
          agent,
          method: request.method,
          headers: { ...headers, ...(body.length > 0 ? { "content-length": body.length } : {}) },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("end", () => {
            resolve({
              status: answer.statusCode ?? 502,
              headers: answer.headers,
              body: Buffer.concat(chunks),
            });
          });
          answer.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    },
  );
}

const reasons: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

function answerStatus(
  response: http.ServerResponse,
  status: number,
  retryAfterSeconds: number | undefined,
): void {
  const body = JSON.stringify({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `injected ${status}`,
    reason: reasons[status] ?? "Unknown",
    code: status,
  });
  response
    .writeHead(status, {
      "content-type": "application/json",
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    })
    .end(body);
}
