/** Every way in that a kubeconfig can describe, as the server sees it. */
import { describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { once } from "node:events";
import { stringify } from "yaml";
import { connectWithKubeconfig } from "../../../lib/kubernetes/connection/connect-with-kubeconfig.ts";
import {
  arrive,
  base64,
  certificates,
  config,
  exec,
  expectRequests,
  folder,
  print,
  script,
  secret,
  signal,
  trusted,
  url,
  write,
} from "./kubeconfig-server.ts";

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
    expectRequests(401);
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
