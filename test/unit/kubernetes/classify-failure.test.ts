import { describe, expect, test } from "@jest/globals";
import { once } from "node:events";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { classifyFailure } from "../../../lib/kubernetes/requests/classify-failure.ts";
import { connectWithToken } from "../../../lib/kubernetes/connection/connect-with-token.ts";
import { ConflictError, UsageError } from "../../../lib/model/errors.ts";
import { createTestCertificates } from "../../fakes/test-certificates.ts";

const calm = new AbortController().signal;
const coded = (code: string, more: object = {}) =>
  Object.assign(new Error(`secret in ${code}`), { code, ...more });

describe("what went wrong below HTTP", () => {
  test.each<[string, unknown, string, boolean]>([
    ["name does not exist", coded("ENOTFOUND"), "dns", false],
    ["name server silent", coded("EAI_AGAIN"), "dns", false],
    ["refused", coded("ECONNREFUSED"), "tcp", false],
    [
      "refused on every address",
      Object.assign(new AggregateError([coded("ECONNREFUSED")]), {}),
      "tcp",
      false,
    ],
    ["no route", coded("EHOSTUNREACH"), "tcp", false],
    ["cut", coded("UND_ERR_SOCKET"), "tcp", true],
    ["reset", coded("ECONNRESET"), "tcp", true],
    ["shorter than promised", coded("UND_ERR_RES_CONTENT_LENGTH_MISMATCH"), "tcp", true],
    ["wrapped", new Error("outer", { cause: coded("EPIPE") }), "tcp", true],
    ["expired server certificate", coded("CERT_HAS_EXPIRED"), "tls", false],
    ["unknown CA", coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "tls", false],
    ["other name", coded("ERR_TLS_CERT_ALTNAME_INVALID"), "tls", false],
    ["an alert that we have no words for", coded("ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE"), "tls", false],
    ["no head", coded("UND_ERR_HEADERS_TIMEOUT"), "timeout", false],
    ["half a body", coded("UND_ERR_BODY_TIMEOUT"), "timeout", false],
    ["not HTTP", coded("HPE_INVALID_CONSTANT"), "protocol", false],
    ["unheard of", coded("EWHATEVER"), "protocol", false],
    ["not even an error", "boom", "protocol", false],
  ])("%s", (_what, thrown, layer, cut) => {
    const failure = classifyFailure(thrown, "list nodes at https://k", calm);
    expect(failure).toMatchObject({ cut, error: { name: "UnreachableError", layer, cause: thrown } });
    expect(failure.error.message).toMatch(/^list nodes at https:\/\/k: /);
    expect(failure.error.message).not.toContain("secret");
  });

  test("our own errors pass, and a spent budget outranks what it caused", () => {
    const ours = new ConflictError("x");
    expect(classifyFailure(ours, "s", calm)).toEqual({ error: ours, cut: false });
    expect(classifyFailure(coded("UND_ERR_SOCKET"), "s", AbortSignal.abort())).toMatchObject({
      cut: false,
      error: { layer: "timeout" },
    });
  });
});

describe("the hop that fails, on real sockets", () => {
  const open = async (onConnection: (socket: net.Socket) => void) => {
    const server = net.createServer(onConnection);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { server, port: (server.address() as AddressInfo).port };
  };
  const { ca } = createTestCertificates();
  const to = (endpoint: string) =>
    connectWithToken({
      endpoint,
      caPem: ca.certificate,
      token: () => Promise.resolve("t"),
      timeouts: { connect: 300, headers: 300, body: 300 },
    });

  test.each<[string, (socket: net.Socket) => void, string]>([
    ["accepts and stays silent: TLS", (socket) => socket.on("error", () => {}), "tls"],
    [
      "speaks something else than TLS",
      (socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      "tls",
    ],
  ])("%s", async (_what, onConnection, hop) => {
    const sockets: net.Socket[] = [];
    const { server, port } = await open((socket) => (sockets.push(socket), onConnection(socket)));
    const connection = to(`https://127.0.0.1:${port}`);
    await expect(connection.gateway.listNodes(calm)).rejects.toMatchObject({ layer: hop });
    expect(await connection.probe(calm)).toMatchObject({ ok: false, hop });
    await connection.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test("a name that does not exist: DNS", async () => {
    const connection = to("https://no-such-host.invalid");
    await expect(connection.gateway.listNodes(calm)).rejects.toMatchObject({ layer: "dns" });
    expect(await connection.probe(calm)).toMatchObject({ ok: false, hop: "dns" });
    await connection.close();
  });

  test("an endpoint or a bundle that cannot be read is said before anything is sent", () => {
    expect(() => to("ftp://x")).toThrow(UsageError);
    expect(() =>
      connectWithToken({ endpoint: "https://x", caPem: "garbage", token: () => Promise.resolve("t") }),
    ).toThrow(/holds no certificate/);
  });

  test("a token that is none never becomes a header", async () => {
    for (const token of ["", "a\nb", "a b"]) {
      const connection = connectWithToken({
        endpoint: "https://127.0.0.1:1",
        caPem: undefined,
        token: () => Promise.resolve(token),
      });
      await expect(connection.gateway.listNodes(calm)).rejects.toMatchObject({ layer: "credentials" });
    }
  });
});
