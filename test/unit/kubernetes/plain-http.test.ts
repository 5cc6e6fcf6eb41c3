/**
 * A server that is reached by `http://` is told nothing that proves who we are, and no plug-in is run for it, straight and
 * through a proxy: a real server and a real proxy write down every header that arrives.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { connectWithKubeconfig } from "../../../lib/kubernetes/connection/connect-with-kubeconfig.ts";
import { connectWithToken } from "../../../lib/kubernetes/connection/connect-with-token.ts";
import { serveLoopback, type LoopbackServer } from "../../fakes/serve-loopback.ts";
import {
  base64,
  certificates,
  config,
  exec,
  folder,
  print,
  script,
  secret,
  signal,
  write,
} from "./kubeconfig-server.ts";

let server: LoopbackServer;
let arrived: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
beforeAll(async () => {
  // As an HTTP proxy it gets the whole address in the request line, as a server the path.
  server = await serveLoopback((request, response) => {
    arrived.push({ url: request.url ?? "", headers: request.headers });
    response.writeHead(200, { "content-type": "application/json" }).end('{"gitVersion":"v1.34.4"}');
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  arrived = [];
});

const marker = () => join(folder, "plug-in-was-run");
const unsigned = `${base64("{}")}.${base64('{"exp":4000000000}')}.${secret}`;
const users: readonly (readonly [string, () => Promise<object> | object])[] = [
  ["a token", () => ({ token: secret })],
  ["a token file", async () => ({ tokenFile: await write(secret) })],
  ["a name and a password", () => ({ username: "me", password: secret })],
  [
    "a plug-in",
    async () =>
      exec(await script(`touch ${marker()}; ${print({ token: secret })}`), { provideClusterInfo: true }),
  ],
  [
    "OpenID Connect",
    () => ({
      "auth-provider": { name: "oidc", config: { "id-token": unsigned, "idp-issuer-url": "https://i" } },
    }),
  ],
  [
    "a client certificate",
    () => ({
      "client-certificate-data": base64(certificates.client.certificate),
      "client-key-data": base64(certificates.client.key),
    }),
  ],
];
const ways = [
  ["straight", () => ({ server: server.url })],
  ["through an HTTP proxy", () => ({ server: "http://api.example.test", "proxy-url": server.url })],
] as const;

describe.each(ways)("%s", (_way, cluster) => {
  test.each(users)("%s stays here, and one sentence says so", async (_what, user) => {
    const file = await write(config({ ...(await user()), as: "jane", "as-groups": ["dev"] }, cluster()));
    const connection = await connectWithKubeconfig({ file }, signal());
    try {
      await connection.access.version(signal());
      expect(connection.way.encrypted).toBe(false);
      expect(connection.way.notes).toHaveLength(1);
      expect(connection.way.notes[0]).toMatch(
        /^the server of context "c" of .* is http:\/\/.*, as kubectl does; use https:\/\/$/,
      );
      expect(connection.way.notes.join()).not.toContain(secret);
    } finally {
      await connection.close();
    }
    expect(arrived).toHaveLength(1);
    const { headers } = arrived[0] ?? { headers: {} };
    expect(Object.keys(headers).filter((it) => it.includes("authorization") || it === "cookie")).toEqual([]);
    expect(JSON.stringify(arrived)).not.toContain(secret);
    expect(headers).toMatchObject({ "impersonate-user": "jane", "impersonate-group": "dev" });
    expect(existsSync(marker())).toBe(false);
  });
});

test("a refusal is not blamed on credentials that nobody sent", async () => {
  const connection = await connectWithKubeconfig(
    { file: await write(config({ token: secret }, { server: server.url })) },
    signal(),
  );
  const probed = await connection.probe(signal());
  await connection.close();
  expect(probed).toMatchObject({
    ok: false,
    hop: "authorization",
    message: expect.stringMatching(/^without credentials/) as unknown,
  });
});

test("without credentials there is nothing to say", async () => {
  const connection = await connectWithKubeconfig(
    { file: await write(config({}, { server: server.url })) },
    signal(),
  );
  expect(connection.way).toEqual({ encrypted: false, proxy: undefined, notes: [] });
  await connection.close();
});

test("a token that is signed here does not travel unencrypted either", async () => {
  let asked = 0;
  const connection = connectWithToken({
    endpoint: server.url,
    caPem: undefined,
    token: () => (asked++, Promise.resolve(secret)),
  });
  await connection.access.version(signal());
  await connection.close();
  expect({ asked, authorization: arrived.map((it) => it.headers.authorization) }).toEqual({
    asked: 0,
    authorization: [undefined],
  });
});
