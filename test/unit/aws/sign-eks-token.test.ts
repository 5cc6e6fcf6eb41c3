import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { UnreachableError } from "../../../lib/model/errors.ts";
import { eksTokenSource } from "../../../lib/aws/eks-token-source.ts";
import { signEksToken, type SigningCredentials } from "../../../lib/aws/sign-eks-token.ts";
import { verifyEksToken } from "../../fakes/eks-token-verifier.ts";

const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "FwoGZXIvYXdzE+/=token",
};
const start = Date.parse("2026-11-22T00:00:00Z");
const verifier = {
  cluster: "my-cluster",
  region: "eu-west-1",
  keys: { AKIDEXAMPLE: credentials },
  now: () => start,
};

function sign(changes: Partial<Parameters<typeof signEksToken>[0]> = {}) {
  return signEksToken({
    region: "eu-west-1",
    cluster: "my-cluster",
    credentials,
    signedAt: new Date(start),
    ...changes,
  });
}

function urlOf(token: string): URL {
  return new URL(Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString("utf8"));
}

describe("signEksToken", () => {
  test("the vector on which three independent implementations agree", async () => {
    const { value } = await sign();
    expect(urlOf(value).searchParams.get("X-Amz-Signature")).toBe(
      "c828ea93c19b81ebe7d480934c2bae9bc86f2cf6629fc413045c549526d39809",
    );
  });

  test("the URL holds what the authenticator wants and nothing else", async () => {
    const url = urlOf((await sign()).value);
    expect(url.origin).toBe("https://sts.eu-west-1.amazonaws.com");
    expect([...url.searchParams.keys()].sort()).toEqual([
      "Action",
      "Version",
      "X-Amz-Algorithm",
      "X-Amz-Credential",
      "X-Amz-Date",
      "X-Amz-Expires",
      "X-Amz-Security-Token",
      "X-Amz-Signature",
      "X-Amz-SignedHeaders",
    ]);
    expect(url.searchParams.get("X-Amz-SignedHeaders")).toBe("host;x-k8s-aws-id");
    expect(url.searchParams.get("X-Amz-Expires")).toBe("60");
    expect((await sign()).value).not.toContain("=");
  });

  test("the cluster takes a token signed with any credentials, for itself and for nobody else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[A-Z0-9]{16,20}$/),
        fc.stringMatching(/^[A-Za-z0-9+/]{40}$/),
        fc.option(fc.stringMatching(/^[A-Za-z0-9+/=!*'()~._-]{20,400}$/), { nil: undefined }),
        fc.stringMatching(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/),
        async (accessKeyId, secretAccessKey, sessionToken, cluster) => {
          const own: SigningCredentials = {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          };
          const { value } = await sign({ credentials: own, cluster });
          const options = { ...verifier, cluster, keys: { [accessKeyId]: own } };
          expect(verifyEksToken(value, options)).toEqual({ ok: true, accessKeyId });
          expect(verifyEksToken(value, { ...options, cluster: `${cluster}x` })).toEqual({
            ok: false,
            problem: "SignatureDoesNotMatch",
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  test("it lives for 15 minutes, and no longer than the credentials that signed it", async () => {
    expect((await sign()).expiresAt).toBe(start + 15 * 60_000);
    const expiration = new Date(start + 5 * 60_000);
    expect((await sign({ credentials: { ...credentials, expiration } })).expiresAt).toBe(
      expiration.getTime(),
    );
  });
});

describe("the verifier says no", () => {
  test.each([
    [
      "a query key that is not on its list",
      (url: URL): unknown => url.searchParams.set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
      "non-whitelisted",
    ],
    ["another action", (url: URL): unknown => url.searchParams.set("Action", "AssumeRole"), "action"],
    ["no expiry", (url: URL): unknown => url.searchParams.delete("X-Amz-Expires"), "X-Amz-Expires"],
    [
      "a header that is not signed",
      (url: URL): unknown => url.searchParams.set("X-Amz-SignedHeaders", "host"),
      "x-k8s-aws-id",
    ],
    ["another host", (url: URL): unknown => (url.host = "sts.amazonaws.com"), "hostname"],
    ["a path", (url: URL): unknown => (url.pathname = "/x"), "path"],
    [
      "a key twice",
      (url: URL): unknown => url.searchParams.append("action", "GetCallerIdentity"),
      "duplicate",
    ],
    [
      "another signature",
      (url: URL): unknown => url.searchParams.set("X-Amz-Signature", "0".repeat(64)),
      "SignatureDoesNotMatch",
    ],
    [
      "another session token",
      (url: URL): unknown => url.searchParams.set("X-Amz-Security-Token", "other"),
      "InvalidClientTokenId",
    ],
  ] as const)("%s", async (_name, change, problem) => {
    const url = urlOf((await sign()).value);
    change(url);
    const verdict = verifyEksToken(`k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`, verifier);
    expect(verdict).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  test("too old, too new, padded, too long", async () => {
    const { value } = await sign();
    const at = (milliseconds: number) =>
      verifyEksToken(value, { ...verifier, now: () => start + milliseconds });
    expect(at(15 * 60_000).ok).toBe(true);
    expect(at(15 * 60_000 + 1)).toMatchObject({ problem: "X-Amz-Date parameter is expired" });
    expect(at(-6 * 60_000)).toMatchObject({ problem: "Signature not yet current" });
    expect(verifyEksToken(`${value}=`, verifier)).toMatchObject({ problem: "illegal base64 data" });
    expect(verifyEksToken(value + "A".repeat(4096), verifier)).toMatchObject({
      problem: "token is too large",
    });
  });
});

describe("eksTokenSource", () => {
  function source(own: () => Promise<SigningCredentials> = async () => credentials) {
    const clock: { time: number; readonly now: () => number } = { time: start, now: () => clock.time };
    return {
      clock,
      tokens: eksTokenSource({ region: "eu-west-1", cluster: "my-cluster", credentials: own, clock }),
    };
  }

  test("one token for as long as it is good, a new one a minute before it ends", async () => {
    const { clock, tokens } = source();
    const first = await tokens.token();
    clock.time += 13 * 60_000;
    expect(await tokens.token()).toBe(first);
    clock.time += 60_000;
    const [second, third] = await Promise.all([tokens.token(), tokens.token()]);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
    expect(verifyEksToken(second, { ...verifier, now: clock.now }).ok).toBe(true);
  });

  test("a container that slept for hours signs anew", async () => {
    const { clock, tokens } = source();
    await tokens.token();
    clock.time += 6 * 3_600_000;
    expect(verifyEksToken(await tokens.token(), { ...verifier, now: clock.now }).ok).toBe(true);
  });

  test("credentials that end soon make tokens that end soon", async () => {
    let calls = 0;
    const { clock, tokens } = source(async (): Promise<SigningCredentials> => {
      calls += 1;
      return { ...credentials, expiration: new Date(clock.time + 3 * 60_000) };
    });
    await tokens.token();
    clock.time += 2 * 60_000;
    await tokens.token();
    expect(calls).toBe(2);
  });

  test("forgotten after a 401: the next one is signed anew", async () => {
    const { clock, tokens } = source();
    const first = await tokens.token();
    clock.time += 1000;
    tokens.forget();
    expect(await tokens.token()).not.toBe(first);
  });

  test("no credentials: says so, and tries again the next time", async () => {
    let fails = true;
    const { tokens } = source(async (): Promise<SigningCredentials> => {
      if (fails) throw new Error("Could not load credentials from any providers");
      return credentials;
    });
    const refused = await tokens.token().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnreachableError);
    expect(refused).toMatchObject({ layer: "credentials" });
    fails = false;
    expect(await tokens.token()).toMatch(/^k8s-aws-v1\./);
  });
});
