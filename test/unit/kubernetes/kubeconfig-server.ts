/** A server that kubeconfigs lead to, files to write them into, and what becomes of a connection. */
import { afterAll, beforeAll, expect } from "@jest/globals";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import type http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { stringify } from "yaml";
import {
  connectWithKubeconfig,
  type KubeconfigConnection,
} from "../../../lib/kubernetes/connection/connect-with-kubeconfig.ts";
import { createTestCertificates } from "../../fakes/test-certificates.ts";

export const certificates = createTestCertificates();
export const base64 = (text: string) => Buffer.from(text).toString("base64");
export const secret = "SECRET-TOKEN-9f8e7d6c5b4a39281706f5e4d3c2b1a0";
export const signal = () => AbortSignal.timeout(15_000);

type Request = { readonly headers: http.IncomingHttpHeaders; readonly client: string | undefined };
export let folder: string;
let server: https.Server;
let requests: Request[];
let answers: number[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  server = https.createServer(
    {
      key: certificates.server.key,
      cert: certificates.server.certificate,
      ca: certificates.ca.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const subject = (request.socket as TLSSocket).getPeerCertificate()?.subject;
      requests.push({
        headers: request.headers,
        client: subject === undefined ? undefined : String(subject.CN),
      });
      response
        .writeHead(answers.shift() ?? 200, { "content-type": "application/json" })
        .end('{"gitVersion":"v1.34.4"}');
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  await rm(folder, { recursive: true });
});

export const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
export const trusted = () => ({
  server: url(),
  "certificate-authority-data": base64(certificates.ca.certificate),
});

let counter = 0;
export async function write(content: string | object): Promise<string> {
  const file = join(folder, `config-${++counter}`);
  await writeFile(file, typeof content === "string" ? content : stringify(content));
  return file;
}
/** A kubeconfig with one context. */
export function config(user: object, cluster: object = trusted()) {
  return {
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    clusters: [{ name: "k", cluster }],
    users: [{ name: "u", user }],
  };
}
export async function script(body: string): Promise<string> {
  const file = join(folder, `plugin-${++counter}`);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}
/** Shell that prints an ExecCredential; printf leaves backslashes alone, echo does not. */
export const print = (status: object) =>
  `printf '%s' '${JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status })}'`;
export const exec = (command: string, more: object = {}) => ({
  exec: { apiVersion: "client.authentication.k8s.io/v1", command, interactiveMode: "Never", ...more },
});

/** Forgets what arrived, and answers what comes next with these statuses, then with 200. */
export function expectRequests(...statuses: readonly number[]): void {
  requests = [];
  answers = [...statuses];
}

/** Connects, asks for the version, and says what arrived at the server. */
export async function arrive(options: KubeconfigConnection): Promise<readonly Request[]> {
  expectRequests();
  const connection = await connectWithKubeconfig(options, signal());
  try {
    await connection.access.version(signal());
    return requests;
  } finally {
    await connection.close();
  }
}
export async function failure(options: KubeconfigConnection): Promise<Error> {
  const thrown: unknown = await connectWithKubeconfig(options, signal()).catch((error: unknown) => error);
  if (!(thrown instanceof Error)) throw new Error("expected a failure");
  expect(thrown.message).not.toContain(secret);
  expect(thrown.message).not.toContain("\n");
  return thrown;
}
