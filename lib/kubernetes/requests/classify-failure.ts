/**
 * No answer, or half of one -> `UnreachableError` with the layer that failed.
 * In: whatever undici, net, tls or dns threw. Must never happen: a message with a header, a token or a body in it.
 */
import { GatewayError, UnreachableError, type UnreachableLayer } from "../../model/errors.ts";

export type Failure = {
  readonly error: GatewayError;
  /** True when the connection was cut: the request may or may not have been served. */
  readonly cut: boolean;
};

/** @param subject what was tried, such as `list nodes at https://host` */
export function classifyFailure(thrown: unknown, subject: string, signal: AbortSignal): Failure {
  if (thrown instanceof GatewayError) return { error: thrown, cut: false };
  if (signal.aborted) return { error: outOfTime(subject, thrown), cut: false };
  const code = errorCode(thrown);
  const unreachable = (layer: UnreachableLayer, what: string, cut = false): Failure => ({
    error: new UnreachableError(`${subject}: ${what}`, layer, { cause: thrown }),
    cut,
  });
  switch (code) {
    case "UND_ERR_HEADERS_TIMEOUT":
      return unreachable("timeout", "the API server took the request and did not answer in time");
    case "UND_ERR_BODY_TIMEOUT":
      return unreachable("timeout", "the API server stopped in the middle of its answer");
    case "UND_ERR_SOCKET":
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
    case "ECONNRESET":
    case "EPIPE":
      return unreachable("tcp", "the connection was cut before the answer was complete", true);
    case "UND_ERR_ABORTED":
    case "UND_ERR_PRX_TLS":
    case "UND_ERR_PRX_CONN":
      return unreachable(
        "tcp",
        "the proxy of the kubeconfig (proxy-url) did not open a way to the API server",
      );
    default:
      break;
  }
  if (code.startsWith("HPE_")) return unreachable("protocol", "the other side does not speak HTTP");
  const connecting = classifyConnecting(thrown);
  if (connecting !== undefined) return unreachable(connecting.layer, connecting.what);
  return unreachable("protocol", `the request failed${code === "" ? "" : ` (${code})`}`);
}

/** What an error of dns, net or tls means; undefined for any other. */
export function classifyConnecting(
  thrown: unknown,
): { readonly layer: UnreachableLayer; readonly what: string } | undefined {
  const code = errorCode(thrown);
  const known = connecting[code];
  if (known !== undefined) return { layer: known[0], what: `${known[1]} (${code})` };
  if (/^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|EPROTO)|_CERT|_CRL|_ISSUER/.test(code))
    return { layer: "tls", what: `the TLS handshake failed (${code})` };
  return undefined;
}

/** The caller's budget ran out. */
export function outOfTime(subject: string, cause: unknown): UnreachableError {
  return new UnreachableError(`${subject}: the time budget ran out before an answer came`, "timeout", {
    cause,
  });
}

const connecting: Readonly<Record<string, readonly [UnreachableLayer, string]>> = {
  ENOTFOUND: ["dns", "the host name does not exist"],
  EAI_AGAIN: ["dns", "the name server does not answer"],
  EAI_FAIL: ["dns", "the name server failed"],
  EAI_NODATA: ["dns", "the host name has no address"],
  ECONNREFUSED: ["tcp", "the connection was refused: nothing listens there"],
  ECONNRESET: ["tcp", "the connection was reset while it was being made"],
  EHOSTUNREACH: ["tcp", "there is no route to the host"],
  ENETUNREACH: ["tcp", "there is no route to the network"],
  EADDRNOTAVAIL: ["tcp", "there is no local address to connect from"],
  ETIMEDOUT: ["tcp", "the connection was not accepted in time"],
  EACCES: ["tcp", "the connection was forbidden by this machine"],
  CERT_HAS_EXPIRED: ["tls", "the server's certificate has expired"],
  CERT_NOT_YET_VALID: ["tls", "the server's certificate is not valid yet: check this machine's clock"],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["tls", "the server's certificate is self-signed and not in the CA bundle"],
  SELF_SIGNED_CERT_IN_CHAIN: ["tls", "the server's certificate comes from a CA that is not in the CA bundle"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    "tls",
    "the server's certificate comes from a CA that is not in the CA bundle",
  ],
  UNABLE_TO_GET_ISSUER_CERT: ["tls", "the server's certificate comes from a CA that is not in the CA bundle"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    "tls",
    "the server's certificate comes from a CA that is not in the CA bundle",
  ],
  CERT_SIGNATURE_FAILURE: [
    "tls",
    "the server's certificate was signed by another CA of the same name: the CA bundle is out of date",
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "tls",
    "the server's certificate is for another name; set tls-server-name when that is meant",
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ["tls", "the other side does not speak TLS"],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ["tls", "the other side does not speak TLS"],
};

/** The code of an error, of its cause, or of the first failure among several addresses; "" when there is none. */
export function errorCode(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return "";
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  if ("errors" in thrown && Array.isArray(thrown.errors)) {
    const all: readonly unknown[] = thrown.errors;
    return errorCode(all[0]);
  }
  return "cause" in thrown ? errorCode(thrown.cause) : "";
}
