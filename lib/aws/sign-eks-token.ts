/**
 * Signs the bearer token that an EKS cluster takes: a presigned STS GetCallerIdentity, in base64.
 *
 * In: who signs, for which cluster, when. Out: the token and until when the cluster takes it. No network call.
 * Must never happen: another signed header than `host` and `x-k8s-aws-id`, or a query key outside the authenticator's
 * list: it would refuse the token with nothing but a 401 (docs/aws.md 1.1, 1.2; aws-iam-authenticator `pkg/token/token.go`).
 */
import { ascending } from "../model/ascending.ts";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { regionalStsHost } from "./regional-sts-host.ts";
import { Sha256 } from "./sha256.ts";

/** Credentials as the AWS SDK hands them out. */
export type SigningCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When AWS stops taking them; a token signed with them dies no later. */
  readonly expiration?: Date;
};

export type SigningRequest = {
  readonly region: string;
  /** The cluster's name; a token for one cluster is refused by another. */
  readonly cluster: string;
  readonly credentials: SigningCredentials;
  readonly signedAt: Date;
};

export type EksToken = {
  readonly value: string;
  /** Milliseconds since the epoch: 15 minutes after signing, or when the credentials end. */
  readonly expiresAt: number;
};

/** STS ignores it for this call, and the authenticator refuses a token without it. */
const EXPIRES_SECONDS = 60;

/** `presignedURLExpiration` in the authenticator: how long it takes a token after its X-Amz-Date. */
const LIFE_MILLISECONDS = 15 * 60 * 1000;

const TOKEN_PREFIX = "k8s-aws-v1.";

export async function signEksToken(request: SigningRequest): Promise<EksToken> {
  const { region, cluster, credentials, signedAt } = request;
  const hostname = regionalStsHost(region);
  const signer = new SignatureV4({ service: "sts", region, credentials, sha256: Sha256 });
  const signed = await signer.presign(
    new HttpRequest({
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, "x-k8s-aws-id": cluster },
    }),
    { expiresIn: EXPIRES_SECONDS, signingDate: signedAt },
  );
  const url = `https://${hostname}/?${formatQuery(signed.query)}`;
  return {
    value: TOKEN_PREFIX + Buffer.from(url).toString("base64url"),
    expiresAt: Math.min(
      signedAt.getTime() + LIFE_MILLISECONDS,
      credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY,
    ),
  };
}

function formatQuery(query: Partial<HttpRequest>["query"]): string {
  return Object.entries(query ?? {})
    .sort(ascending(([key]) => key))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeStrictly(String(value))}`)
    .join("&");
}

/** As SigV4 counts it: what `encodeURIComponent` leaves (!'()*) is encoded too. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
