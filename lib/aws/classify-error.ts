/**
 * Whatever the AWS SDK throws -> one of our errors.
 *
 * In: the thrown value and what was tried. Out: an error of `model/errors.ts` that names the operation and AWS's own word.
 * Must never happen: a message with a credential in it. AWS quotes the canonical request, session token included, when
 * a signature is wrong; so messages of that kind are left out.
 */
import {
  ConflictError,
  DeniedError,
  GatewayError,
  InvalidError,
  NotFoundError,
  ThrottledError,
  UnreachableError,
  type UnreachableLayer,
} from "../model/errors.ts";

/** AWS's error names, over the query, JSON and REST protocols of the services that we call. */
const THROTTLED = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "SlowDown",
  "ResourceContention",
  "ResourceContentionFault",
  "PriorRequestNotComplete",
]);
const NOT_ALLOWED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "AuthorizationError",
]);
const NOT_KNOWN = new Set([
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
  "RequestExpired",
]);
const NOT_FOUND = new Set([
  "ResourceNotFoundException",
  "ParameterNotFound",
  "AWS.SimpleQueueService.NonExistentQueue",
  "QueueDoesNotExist",
]);
const CONFLICT = new Set([
  "ResourceInUseException",
  "AlreadyExists",
  "AlreadyExistsFault",
  "ParameterAlreadyExists",
]);
const NO_CREDENTIALS = new Set(["CredentialsProviderError", "ProviderError", "TokenProviderError"]);

const MESSAGE_CHARACTERS = 300;

/** @param operation such as `DescribeCluster prod` */
export function classifyError(thrown: unknown, operation: string): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const cause = { cause: thrown };
  const name = thrown instanceof Error ? thrown.name : "";
  const status = statusOf(thrown);
  if (NOT_KNOWN.has(name))
    return new DeniedError(`${operation}: AWS does not accept the credentials (${name})`, 401, cause);
  const message = `${operation}: ${name}: ${messageOf(thrown)}`;
  if (THROTTLED.has(name) || status === 429) return new ThrottledError(message, retryAfterOf(thrown), cause);
  if (NOT_ALLOWED.has(name) || status === 403) return new DeniedError(message, 403, cause);
  if (NOT_FOUND.has(name) || status === 404) return new NotFoundError(message, cause);
  if (CONFLICT.has(name) || status === 409) return new ConflictError(message, cause);
  if (NO_CREDENTIALS.has(name))
    return new UnreachableError(
      `${operation}: no AWS credentials: ${messageOf(thrown)}`,
      "credentials",
      cause,
    );
  if (status !== undefined && status >= 400 && status < 500) return new InvalidError(message, cause);
  if (status !== undefined && status >= 500) return new UnreachableError(message, "server", cause);
  const layer = layerOf(thrown, name);
  return new UnreachableError(
    `${operation}: no answer from AWS (${codeOf(thrown) || name || layer})`,
    layer,
    cause,
  );
}

/** AWS's name of an error, such as `InvalidInstanceID.NotFound`; empty when it is not from AWS. */
export function awsErrorName(thrown: unknown): string {
  return thrown instanceof Error && statusOf(thrown) !== undefined ? thrown.name : "";
}

function layerOf(thrown: unknown, name: string): UnreachableLayer {
  if (name === "AbortError" || name === "TimeoutError") return "timeout";
  const code = codeOf(thrown);
  if (["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA"].includes(code)) return "dns";
  if (/^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code)) return "tls";
  if (["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "EPIPE"].includes(code))
    return "tcp";
  return "protocol";
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  if (typeof thrown !== "object" || thrown === null) return "";
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  return "cause" in thrown ? codeOf(thrown.cause) : "";
}

function statusOf(thrown: unknown): number | undefined {
  if (typeof thrown !== "object" || thrown === null || !("$metadata" in thrown)) return undefined;
  const metadata = thrown.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

/** Seconds, when AWS said so. */
function retryAfterOf(thrown: unknown): number | undefined {
  if (typeof thrown !== "object" || thrown === null || !("$retryable" in thrown)) return undefined;
  if (!("$response" in thrown)) return undefined;
  const response = thrown.$response;
  if (typeof response !== "object" || response === null || !("headers" in response)) return undefined;
  const headers = response.headers;
  if (typeof headers !== "object" || headers === null || !("retry-after" in headers)) return undefined;
  const seconds = Number(headers["retry-after"]);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > MESSAGE_CHARACTERS ? `${line.slice(0, MESSAGE_CHARACTERS)}...` : line;
}
