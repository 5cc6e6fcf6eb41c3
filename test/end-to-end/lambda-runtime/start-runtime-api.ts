/**
 * The Lambda Runtime API, which a runtime asks for its next invocation and tells the answer.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type InvocationResult =
  | { readonly kind: "answer"; readonly payload: unknown }
  /** The handler threw, as Lambda tells its caller. */
  | { readonly kind: "error"; readonly errorType: string; readonly errorMessage: string };

export type RuntimeApi = {
  /** `127.0.0.1:PORT`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Queues an invocation; a runtime takes them one after the other. Rejects when the runtime could not be started, or was stopped. */
  readonly invoke: (payload: unknown, timeoutMilliseconds: number) => Promise<InvocationResult>;
  /** Resolves when the runtime has asked for its first invocation: the cold start is over. */
  readonly ready: Promise<void>;
  readonly stop: () => Promise<void>;
};

type Invocation = {
  readonly id: string;
  readonly body: string;
  readonly timeoutMilliseconds: number;
  readonly resolve: (result: InvocationResult) => void;
  readonly reject: (error: Error) => void;
};

const prefix = "/2018-06-01/runtime";

export async function startRuntimeApi(functionArn: string): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  const askers: ServerResponse[] = [];
  let initError: Error | undefined;
  const { promise: ready, resolve: isReady, reject: isBroken } = Promise.withResolvers<void>();
  ready.catch(() => undefined);

  function match(): void {
    while (waiting.length > 0 && askers.length > 0) {
      const invocation = waiting.shift();
      const asker = askers.shift();
      if (invocation === undefined || asker === undefined) return;
      running.set(invocation.id, invocation);
      asker.writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": invocation.id,
        "lambda-runtime-deadline-ms": String(Date.now() + invocation.timeoutMilliseconds),
        "lambda-runtime-invoked-function-arn": functionArn,
      });
      asker.end(invocation.body);
    }
  }

  function settle(id: string, result: InvocationResult): void {
    running.get(id)?.resolve(result);
    running.delete(id);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (path === `${prefix}/invocation/next`) {
      isReady();
      askers.push(response);
      // A runtime that was killed while it waited must not get an invocation.
      response.once("close", () => void askers.splice(askers.indexOf(response) >>> 0, 1));
      return match();
    }
    const body = await read(request);
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
    const [, id = "", outcome] =
      new RegExp(`^${prefix}/invocation/([^/]+)/(response|error)$`).exec(path) ?? [];
    if (outcome === "response")
      settle(id, { kind: "answer", payload: body === "" ? null : JSON.parse(body) });
    else if (outcome === "error") settle(id, { kind: "error", ...readError(body) });
    else if (path === `${prefix}/init/error`) {
      initError = new Error(`the function could not be loaded: ${body}`);
      isBroken(initError);
      for (const it of waiting.splice(0)) it.reject(initError);
    }
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    ready,
    invoke: (payload, timeoutMilliseconds) =>
      new Promise((resolve, reject) => {
        if (initError !== undefined) return reject(initError);
        waiting.push({
          id: randomUUID(),
          body: JSON.stringify(payload),
          timeoutMilliseconds,
          resolve,
          reject,
        });
        match();
      }),
    stop: () =>
      new Promise((resolve) => {
        for (const it of [...waiting, ...running.values()]) it.reject(new Error("the runtime was stopped"));
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readError(body: string): { readonly errorType: string; readonly errorMessage: string } {
  const { errorType, errorMessage } = JSON.parse(body) as {
    readonly errorType?: string;
    readonly errorMessage?: string;
  };
  return { errorType: errorType ?? "", errorMessage: errorMessage ?? "" };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
