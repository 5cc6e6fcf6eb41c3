/**
 * moto's server for what LocalStack lacks: EC2 instances and EKS clusters. In front of it a proxy that puts our control
 * plane's address and certificate authority into the answer of DescribeCluster, since moto makes up its own.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { pythonEnvironment } from "./python-environment.ts";
import { startPythonServer } from "./start-python-server.ts";

const requirements = fileURLToPath(new URL("./moto-requirements.txt", import.meta.url));

export type Moto = AsyncDisposable & {
  readonly url: string;
  /** From now on DescribeCluster answers with these, beside what moto says; `certificateAuthority.data` is base64, as EKS gives it. */
  readonly serveCluster: (facts: ServedCluster) => void;
  /** How often DescribeCluster was asked. */
  readonly describedClusters: () => number;
  readonly stop: () => Promise<void>;
};

/** Parts of EKS's own description of a cluster. */
export type ServedCluster = {
  readonly endpoint?: string;
  readonly certificateAuthority?: { readonly data: string };
  readonly accessConfig?: { readonly authenticationMode: string };
  readonly resourcesVpcConfig?: object;
};

/** Who asks moto, and how: for a client of the SDK, and for a process. moto takes any key. */
export function accountOf({ url }: Pick<Moto, "url">, region: string) {
  const [accessKeyId, secretAccessKey] = ["AKIDEXAMPLE", "none"];
  return {
    configuration: { endpoint: url, region, credentials: { accessKeyId, secretAccessKey } },
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
    },
  };
}

/** Installs moto at the first time (about 1 minute). Answers its Python. @throws Error that says what is missing. */
export function locateMoto(): Promise<string> {
  return pythonEnvironment("moto", "Installing moto: needed once, about 1 minute", requirements);
}

export async function startMoto(): Promise<Moto> {
  const server = await startPythonServer({
    name: "moto",
    python: await locateMoto(),
    args: (port) => ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
    environment: () => ({ MOTO_ACCOUNT_ID: "111122223333" }),
    readyPath: "/moto-api/data.json",
  });
  let cluster: ServedCluster | undefined;
  let describedClusters = 0;
  const proxy = createServer((request, response) => {
    void forward(server.url, request).then(({ status, type, body }) => {
      const isDescribeCluster = request.method === "GET" && /^\/clusters\/[^/]+$/.test(request.url ?? "");
      if (isDescribeCluster) describedClusters += 1;
      response.writeHead(status, { "content-type": type });
      response.end(
        isDescribeCluster && status === 200 && cluster !== undefined ? withCluster(body, cluster) : body,
      );
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const stop = async () => {
    await new Promise<void>((resolve) => {
      proxy.close(() => resolve());
      proxy.closeAllConnections();
    });
    await server.stop();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    serveCluster: (facts) => {
      cluster = facts;
    },
    describedClusters: () => describedClusters,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What the SDK's clients need in the environment to find it. */
export function environmentOfMoto(moto: Pick<Moto, "url">): Readonly<Record<string, string>> {
  return { AWS_ENDPOINT_URL_EC2: moto.url, AWS_ENDPOINT_URL_EKS: moto.url };
}

async function forward(url: string, request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  // moto finds out by the Authorization header which service is meant.
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === "string" && !["host", "connection", "content-length"].includes(name)
      ? [[name, value] as const]
      : [],
  );
  const answer = await fetch(`${url}${request.url ?? "/"}`, {
    method: request.method ?? "GET",
    headers: Object.fromEntries(headers),
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  return {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "text/plain",
    body: await answer.text(),
  };
}

function withCluster(body: string, facts: ServedCluster): string {
  const { cluster } = JSON.parse(body) as { readonly cluster: object };
  return JSON.stringify({ cluster: { ...cluster, ...facts } });
}
