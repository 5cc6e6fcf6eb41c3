/**
 * Checks a bearer token the way an EKS cluster does: the checks of aws-iam-authenticator (v0.7.18, `pkg/token/token.go`
 * `Verify`, `verifyHost`), then those of STS, which computes the SigV4 signature again from what arrives there.
 * Written with node:crypto alone, so that it shares nothing with the code that signs.
 */
import { createHash, createHmac } from "node:crypto";

export type VerifierOptions = {
  /** The cluster's own name: what the authenticator sends to STS as `x-k8s-aws-id`. */
  readonly cluster: string;
  readonly region: string;
  /** Access key -> its secret, and the session token when it is a temporary one. */
  readonly keys: Readonly<
    Record<string, { readonly secretAccessKey: string; readonly sessionToken?: string }>
  >;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a token is taken after its date, in milliseconds; 15 minutes as AWS does, less for a test that cannot wait. */
  readonly life?: () => number;
};

export type Verdict =
  { readonly ok: true; readonly accessKeyId: string } | { readonly ok: false; readonly problem: string };

const PREFIX = "k8s-aws-v1.";
const MAX_BYTES = 4096;
const LIFE_MILLISECONDS = 15 * 60 * 1000;
/** STS refuses a date further in the future than this (SigV4's classic tolerance). */
const SKEW_MILLISECONDS = 5 * 60 * 1000;
const KEYS = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);

export function verifyEksToken(token: string, options: VerifierOptions): Verdict {
  try {
    return { ok: true, accessKeyId: verify(token, options) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

function verify(token: string, options: VerifierOptions): string {
  check(Buffer.byteLength(token) <= MAX_BYTES, "token is too large");
  check(token.startsWith(PREFIX), 'token is missing expected "k8s-aws-v1." prefix');
  const encoded = token.slice(PREFIX.length);
  check(/^[A-Za-z0-9_-]+$/.test(encoded), "illegal base64 data");
  const url = new URL(Buffer.from(encoded, "base64url").toString("utf8"));
  check(url.protocol === "https:", `unexpected scheme ${url.protocol} in pre-signed URL`);
  check(
    url.host === `sts.${options.region}.amazonaws.com`,
    `unexpected hostname ${url.host} in pre-signed URL`,
  );
  check(url.pathname === "/", "unexpected path in pre-signed URL");
  const query = readQuery(url);
  check(query.get("action") === "GetCallerIdentity", "unexpected action parameter in pre-signed URL");
  const signedHeaders = (query.get("x-amz-signedheaders") ?? "").split(";");
  check(
    signedHeaders.includes("x-k8s-aws-id"),
    "client did not sign the x-k8s-aws-id header in the pre-signed URL",
  );
  const expires = Number(query.get("x-amz-expires") ?? "missing");
  check(
    Number.isInteger(expires) && expires >= 0 && expires <= 900,
    "invalid X-Amz-Expires parameter in pre-signed URL",
  );
  checkDate(query.get("x-amz-date") ?? "", options.now(), options.life?.() ?? LIFE_MILLISECONDS);
  return askSts(url, query, signedHeaders, options);
}

function readQuery(url: URL): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const key = name.toLowerCase();
    check(!query.has(key), `duplicate query parameter found: ${name}`);
    check(KEYS.has(key), `non-whitelisted query parameter ${name}`);
    query.set(key, value);
  }
  return query;
}

function checkDate(text: string, now: number, life: number): void {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  check(parts !== null, "X-Amz-Date parameter must be present and a date");
  const [, year, month, day, hour, minute, second] = parts ?? [];
  const date = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  check(now <= date + life, "X-Amz-Date parameter is expired");
  check(date <= now + SKEW_MILLISECONDS, "Signature not yet current");
}

/** The authenticator sends only its own cluster's name and an accept header; STS signs again what is said to be signed. */
function askSts(
  url: URL,
  query: ReadonlyMap<string, string>,
  signedHeaders: readonly string[],
  options: VerifierOptions,
): string {
  const sent: Readonly<Record<string, string>> = {
    host: url.host,
    "x-k8s-aws-id": options.cluster,
    accept: "application/json",
  };
  const canonicalHeaders = [...signedHeaders].sort().map((name) => {
    check(sent[name] !== undefined, `header ${name} was signed and is not sent`);
    return `${name}:${sent[name]}\n`;
  });
  const [accessKeyId = "", day = "", region = "", service = "", ending = ""] = (
    query.get("x-amz-credential") ?? ""
  ).split("/");
  const key = options.keys[accessKeyId];
  if (key === undefined) throw new Error("InvalidClientTokenId");
  check(query.get("x-amz-security-token") === key.sessionToken, "InvalidClientTokenId: wrong session token");
  check(query.get("x-amz-algorithm") === "AWS4-HMAC-SHA256", "unknown algorithm");
  const date = query.get("x-amz-date") ?? "";
  check(
    region === options.region && service === "sts" && ending === "aws4_request" && date.startsWith(day),
    "Credential should be scoped to a valid region",
  );
  const canonicalQuery = [...url.searchParams]
    .filter(([name]) => name.toLowerCase() !== "x-amz-signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const request = [
    "GET",
    "/",
    canonicalQuery,
    canonicalHeaders.join(""),
    signedHeaders.join(";"),
    hash(""),
  ].join("\n");
  const scope = [day, region, service, ending].join("/");
  const text = ["AWS4-HMAC-SHA256", date, scope, hash(request)].join("\n");
  const signingKey = [day, region, service, ending].reduce<string | Buffer>(
    mac,
    `AWS4${key.secretAccessKey}`,
  );
  check(mac(signingKey, text).toString("hex") === query.get("x-amz-signature"), "SignatureDoesNotMatch");
  return accessKeyId;
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function check(isFine: boolean, problem: string): void {
  if (!isFine) throw new Error(problem);
}
