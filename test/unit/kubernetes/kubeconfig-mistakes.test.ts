/** Every way in which a kubeconfig can be wrong: one sentence with object, cause and fix, and never a secret in it. */
import { describe, expect, test } from "@jest/globals";
import { connectWithKubeconfig } from "../../../lib/kubernetes/connection/connect-with-kubeconfig.ts";
import { UnreachableError, UsageError } from "../../../lib/model/errors.ts";
import { createTestCertificates } from "../../fakes/test-certificates.ts";
import {
  base64,
  certificates,
  config,
  exec,
  failure,
  folder,
  print,
  script,
  secret,
  trusted,
  url,
  write,
} from "./kubeconfig-server.ts";

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
