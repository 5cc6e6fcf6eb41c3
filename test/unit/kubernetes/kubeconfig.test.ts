/** Every way in which a kubeconfig can be wrong: one sentence with object, cause and fix, and never a secret in it. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
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
} from "../../../lib/kubernetes/connect-with-kubeconfig.ts";
import { UnreachableError, UsageError } from "../../../lib/model/errors.ts";
import { createTestCertificates } from "../../fakes/test-certificates.ts";

const certificates = createTestCertificates();
const base64 = (text: string) => Buffer.from(text).toString("base64");
const secret = "SECRET-TOKEN-9f8e7d6c5b4a39281706f5e4d3c2b1a0";
const signal = () => AbortSignal.timeout(15_000);

type Request = { readonly headers: http.IncomingHttpHeaders; readonly client: string | undefined };
let folder: string;
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

const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
const trusted = () => ({ server: url(), "certificate-authority-data": base64(certificates.ca.certificate) });

let counter = 0;
async function write(content: string | object): Promise<string> {
  const file = join(folder, `config-${++counter}`);
  await writeFile(file, typeof content === "string" ? content : stringify(content));
  return file;
}
/** A kubeconfig with one context. */
function config(user: object, cluster: object = trusted()) {
  return {
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    clusters: [{ name: "k", cluster }],
    users: [{ name: "u", user }],
  };
}
async function script(body: string): Promise<string> {
  const file = join(folder, `plugin-${++counter}`);
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}
/** Shell that prints an ExecCredential; printf leaves backslashes alone, echo does not. */
const print = (status: object) =>
  `printf '%s' '${JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status })}'`;
const exec = (command: string, more: object = {}) => ({
  exec: { apiVersion: "client.authentication.k8s.io/v1", command, interactiveMode: "Never", ...more },
});

/** Connects, asks for the version, and says what arrived at the server. */
async function arrive(options: KubeconfigConnection): Promise<readonly Request[]> {
  requests = [];
  answers = [];
  const connection = await connectWithKubeconfig(options, signal());
  try {
    await connection.access.version(signal());
    return requests;
  } finally {
    await connection.close();
  }
}
async function failure(options: KubeconfigConnection): Promise<Error> {
  const thrown: unknown = await connectWithKubeconfig(options, signal()).catch((error: unknown) => error);
  if (!(thrown instanceof Error)) throw new Error("expected a failure");
  expect(thrown.message).not.toContain(secret);
  expect(thrown.message).not.toContain("\n");
  return thrown;
}

describe("ways in", () => {
  test.each<[string, () => Promise<object> | object, object]>([
    ["token", () => ({ token: secret }), { authorization: `Bearer ${secret}` }],
    [
      "user name and password",
      () => ({ username: "me", password: "pw" }),
      { authorization: `Basic ${base64("me:pw")}` },
    ],
    [
      "token file, relative to the kubeconfig",
      async () => (await writeFile(join(folder, "tok"), ` ${secret}\n`), { tokenFile: "tok" }),
      { authorization: `Bearer ${secret}` },
    ],
    [
      "exec plugin",
      async () => exec(await script(print({ token: secret }))),
      { authorization: `Bearer ${secret}` },
    ],
    [
      "impersonation",
      () => ({ token: secret, as: "someone", "as-groups": ["g1", "g2"] }),
      { "impersonate-user": "someone", "impersonate-group": "g1, g2" },
    ],
  ])("%s", async (_what, user, headers) => {
    const file = await write(config(await user()));
    expect((await arrive({ file }))[0]?.headers).toMatchObject(headers);
  });

  test("client certificate, as data, as relative files, and from a plugin", async () => {
    const { certificate, key } = certificates.client;
    await writeFile(join(folder, "client.crt"), certificate);
    await writeFile(join(folder, "client.key"), key);
    const plugin = await script(print({ clientCertificateData: certificate, clientKeyData: key }));
    for (const user of [
      { "client-certificate-data": base64(certificate), "client-key-data": base64(key) },
      { "client-certificate": "client.crt", "client-key": "client.key" },
      exec(plugin),
    ])
      expect((await arrive({ file: await write(config(user)) }))[0]?.client).toBe("test-client");
  });

  test("certificate-authority as a file, tls-server-name, insecure-skip-tls-verify", async () => {
    await writeFile(join(folder, "ca.crt"), certificates.ca.certificate);
    for (const cluster of [
      { server: url(), "certificate-authority": "ca.crt" },
      { ...trusted(), "tls-server-name": "localhost" },
      { server: url(), "insecure-skip-tls-verify": true },
    ])
      expect(await arrive({ file: await write(config({ token: secret }, cluster)) })).toHaveLength(1);
  });

  test("KUBECONFIG is a list: missing files are skipped, the first that names something wins", async () => {
    const first = await write({
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      users: [{ name: "u", user: { token: "first" } }],
    });
    const second = await write(config({ token: "second" }));
    const environment = { ...process.env, KUBECONFIG: [join(folder, "missing"), first, second].join(":") };
    expect((await arrive({ environment }))[0]?.headers.authorization).toBe("Bearer first");
  });

  test("~/.kube/config is the default, --context chooses", async () => {
    const home = await mkdtemp(join(folder, "home-"));
    await mkdir(join(home, ".kube"));
    const two = {
      ...config({ token: "one" }),
      contexts: [{ name: "x", context: { cluster: "k", user: "v" } }],
    };
    await writeFile(
      join(home, ".kube", "config"),
      stringify({ ...two, users: [{ name: "v", user: { token: "two" } }] }),
    );
    expect((await arrive({ environment: { HOME: home }, context: "x" }))[0]?.headers.authorization).toBe(
      "Bearer two",
    );
  });

  test("proxy-url: requests go through the proxy", async () => {
    const tunnels: string[] = [];
    const proxy = http.createServer();
    proxy.on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const port = (proxy.address() as AddressInfo).port;
    const file = await write(
      config({ token: secret }, { ...trusted(), "proxy-url": `http://127.0.0.1:${port}` }),
    );
    try {
      await expect(arrive({ file })).rejects.toThrow(/proxy-url\) did not open a way/);
      expect(tunnels).toEqual([new URL(url()).host]);
    } finally {
      proxy.close();
    }
  });

  test("a plugin is told about the cluster, gets its variables, and is run again after a 401", async () => {
    const log = join(folder, "plugin-log");
    const plugin = await script(`echo "$EXTRA $KUBERNETES_EXEC_INFO" >> ${log}; ${print({ token: secret })}`);
    const user = exec(plugin, { env: [{ name: "EXTRA", value: "extra" }], provideClusterInfo: true });
    requests = [];
    answers = [401];
    const connection = await connectWithKubeconfig({ file: await write(config(user)) }, signal());
    await connection.access.version(signal());
    await connection.close();
    const runs = (await readFile(log, "utf8")).trim().split("\n");
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatch(/^extra \{/);
    expect(JSON.parse(runs[0]?.slice("extra ".length) ?? "")).toMatchObject({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: url() } },
    });
  });

  test("an OpenID Connect token that is still good is sent as it is", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "none" })}.${part({ exp: 4_000_000_000 })}.x`;
    const user = {
      "auth-provider": {
        name: "oidc",
        config: {
          "id-token": token,
          "refresh-token": "r",
          "client-id": "c",
          "idp-issuer-url": "https://127.0.0.1:1",
        },
      },
    };
    expect((await arrive({ file: await write(config(user)) }))[0]?.headers.authorization).toBe(
      `Bearer ${token}`,
    );
  });
});

describe("mistakes", () => {
  const expired = createTestCertificates({
    notBefore: new Date("2020-01-01"),
    notAfter: new Date("2021-01-01"),
  }).client;
  const dead = async (body: string, more: object = {}) => config(exec(await script(body), more));
  const user = { token: secret };

  test.each<[string, () => unknown, RegExp, typeof UsageError | typeof UnreachableError]>([
    ["no YAML", () => `users: [\n  token: ${secret}: {`, /is not valid YAML at line \d/, UsageError],
    ["no map", () => "hello", /is no kubeconfig/, UsageError],
    ["empty file", () => "", /has no current-context.*--context \(it has none\)/, UsageError],
    [
      "no current-context",
      () => ({ ...config(user), "current-context": "" }),
      /has no current-context.*it has c/,
      UsageError,
    ],
    [
      "unknown current-context",
      () => ({ ...config(user), "current-context": "nope" }),
      /has no context "nope".*it has c/,
      UsageError,
    ],
    [
      "unknown cluster",
      () => ({ ...config(user), clusters: [] }),
      /cluster "k", which is not there/,
      UsageError,
    ],
    ["unknown user", () => ({ ...config(user), users: [] }), /user "u", which is not there/, UsageError],
    ["no server", () => config(user, {}), /has no server/, UsageError],
    [
      "a server that is no address",
      () => config(user, { server: "ftp://x" }),
      /is no server address/,
      UsageError,
    ],
    [
      "CA file missing",
      () => config(user, { server: url(), "certificate-authority": "/nope/ca" }),
      /CA bundle .* cannot be read: \/nope\/ca/,
      UsageError,
    ],
    [
      "CA data garbage",
      () => config(user, { server: url(), "certificate-authority-data": "Z2FyYmFnZQ==" }),
      /holds no certificate/,
      UsageError,
    ],
    [
      "CA broken",
      () =>
        config(user, {
          server: url(),
          "certificate-authority-data": base64(
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
          ),
        }),
      /cannot be read/,
      UsageError,
    ],
    [
      "certificate without key",
      () => config({ "client-certificate-data": base64(certificates.client.certificate) }),
      /needs its key/,
      UsageError,
    ],
    [
      "key of another certificate",
      () =>
        config({
          "client-certificate-data": base64(certificates.client.certificate),
          "client-key-data": base64(certificates.server.key),
        }),
      /belong to each other/,
      UsageError,
    ],
    [
      "expired client certificate",
      () =>
        config({
          "client-certificate-data": base64(expired.certificate),
          "client-key-data": base64(expired.key),
        }),
      /client certificate of context "c" of .* expired on 2021-01-01/,
      UnreachableError,
    ],
    [
      "token file missing",
      () => config({ tokenFile: "/nope/token" }),
      /token file \/nope\/token .* cannot be read/,
      UsageError,
    ],
    ["token file empty", async () => config({ tokenFile: await write("\n") }), /is empty/, UsageError],
    [
      "dropped auth-provider",
      () => config({ "auth-provider": { name: "gcp" } }),
      /auth-provider "gcp", which kubectl dropped/,
      UsageError,
    ],
    [
      "bad proxy",
      () => config(user, { ...trusted(), "proxy-url": "nope" }),
      /proxy-url .* must be/,
      UsageError,
    ],
    [
      "plugin not installed",
      () => config(exec("no-such-plugin", { installHint: "Install\n it from here." })),
      /"no-such-plugin" .* is not installed or not on PATH\. Install it from here\./,
      UnreachableError,
    ],
    ["plugin without command", () => config(exec("")), /has no command/, UnreachableError],
    [
      "plugin fails",
      () => dead(`echo "first" >&2; echo "you are logged out, token was ${secret}" >&2; exit 3`),
      /failed \(exit code 3\): you are logged out, token was …/,
      UnreachableError,
    ],
    ["plugin is killed", () => dead("kill -9 $$"), /failed \(SIGKILL\)/, UnreachableError],
    ["plugin says nothing", () => dead("true"), /did not answer with an ExecCredential/, UnreachableError],
    [
      "plugin says HTML",
      () => dead(`echo '<html>${secret}'`),
      /did not answer with an ExecCredential/,
      UnreachableError,
    ],
    [
      "plugin gives no credential",
      () => dead(print({})),
      /did not answer with an ExecCredential/,
      UnreachableError,
    ],
  ])("%s", async (_what, content, message, type) => {
    const file = await write((await content()) as string | object);
    const error = await failure({ file });
    expect(error.message).toMatch(message);
    expect(error).toBeInstanceOf(type);
    if (error instanceof UnreachableError) expect(error.layer).toBe("credentials");
  });

  test("a plugin that never ends is ended with the budget", async () => {
    const file = await write(await dead("exec sleep 600"));
    const started = performance.now();
    const error: unknown = await connectWithKubeconfig({ file }, AbortSignal.timeout(300)).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toMatch(/did not answer in time/);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("no file where it should be", async () => {
    expect((await failure({ file: "/nope/config" })).message).toMatch(
      /kubeconfig \/nope\/config does not exist; give another/,
    );
    expect((await failure({ file: folder })).message).toMatch(/cannot be read \(EISDIR\)/);
    expect((await failure({ environment: { HOME: "/nope" } })).message).toMatch(
      /KUBECONFIG is not set and \/nope\/.kube\/config does not exist; give --kubeconfig/,
    );
    expect((await failure({ environment: { KUBECONFIG: "/nope/a:/nope/b" } })).message).toMatch(
      /none of the files in KUBECONFIG exists/,
    );
  });
});
