/**
 * An answer that is no success -> one error of `model/errors.ts`, with object, cause and fix.
 * Must never happen: a response body in a message. Only the sentence of a Kubernetes `Status` is quoted, in one line and cut.
 */
import {
  ConflictError,
  DeniedError,
  ExpiredError,
  type GatewayError,
  InvalidError,
  NotFoundError,
  ThrottledError,
  UnreachableError,
} from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { type ApiRequest, describeRequest, qualifiedResource } from "./api-request.ts";
import { isJsonObject, numberAt, objectAt, stringAt } from "../../model/read-json.ts";

export type Answer = {
  readonly status: number;
  /** Seconds, as the `Retry-After` header says. */
  readonly retryAfterSeconds: number | undefined;
  readonly text: string;
  /** The server's clock when it answered, in milliseconds since 1970, as the `Date` header says. */
  readonly date?: number;
};

/**
 * @param at where the server is, for messages
 * @param fixOfRejection what to do when the credentials are not accepted
 */
export function classifyAnswer(
  request: ApiRequest,
  answer: Answer,
  at: string,
  fixOfRejection: string,
): GatewayError {
  const status = readStatus(answer.text);
  const subject = describeRequest(request);
  const said = status === undefined ? "" : quote(stringAt(status, "message"));
  switch (answer.status) {
    case 401:
      return new DeniedError(
        `${subject}: the API server at ${at} does not accept the credentials (401). ${fixOfRejection}`,
        401,
      );
    case 403:
      return new DeniedError(describeForbidden(request, status), 403);
    case 404:
      return notFound(request, answer, status, at);
    case 409:
      return new ConflictError(`${subject}: ${said === "" ? "it changed, or exists already" : said} (409)`);
    case 410:
      return new ExpiredError(`${subject}: the continue token or resourceVersion is too old (410)`);
    case 429:
      return new ThrottledError(
        `${subject}: the API server at ${at} asks to slow down (429)`,
        answer.retryAfterSeconds,
      );
    case 400:
    case 405:
    case 413:
    case 415:
    case 422:
      return new InvalidError(
        `${subject}: refused as it is (${answer.status})${said === "" ? "" : `: ${said}`}`,
      );
    default:
      return answer.status >= 500
        ? new UnreachableError(
            `${subject}: the API server at ${at} failed (${answer.status})${said === "" ? "" : `: ${said}`}`,
            "server",
          )
        : new UnreachableError(
            `${subject}: unexpected answer ${answer.status} from ${at}; is this a Kubernetes API server?`,
            "protocol",
          );
  }
}

/** True when the server said that this one object is not there; false when the whole resource is not served, or somebody else answered. */
export function saysObjectIsGone(request: ApiRequest, answer: Answer): boolean {
  if (answer.status !== 404 || request.name === undefined) return false;
  const status = readStatus(answer.text);
  return (
    status !== undefined &&
    status["reason"] === "NotFound" &&
    objectAt(status, "details")["name"] === request.name
  );
}

/** The `Status` object in a body; undefined when the body is something else. */
export function readStatus(text: string): JsonObject | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && value["kind"] === "Status" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A `Status` that came with 200: its own code is the real one. */
export function statusCodeOf(status: JsonObject): number {
  return numberAt(status, "code") ?? 500;
}

/** 404 by an API server for a path that it does not serve: this text, or a `Status` that names no object. */
function notFound(
  request: ApiRequest,
  answer: Answer,
  status: JsonObject | undefined,
  at: string,
): GatewayError {
  const subject = describeRequest(request);
  if (saysObjectIsGone(request, answer))
    return new NotFoundError(`${subject}: there is no such object (404)`);
  if (status === undefined && !answer.text.startsWith("404 page not found"))
    return new UnreachableError(
      `${subject}: ${at} answers 404, but not as an API server does; check the server address`,
      "protocol",
    );
  return new NotFoundError(
    request.group.endsWith("projectcalico.org")
      ? `${subject}: the cluster does not serve ${qualifiedResource(request)}: Calico's CRDs are not installed, or Calico keeps its data in etcd. ` +
          "Install Calico with the Kubernetes datastore (https://docs.tigera.io/calico/latest/getting-started/kubernetes/), then run this again."
      : `${subject}: the cluster does not serve ${qualifiedResource(request)} (404)`,
  );
}

function describeForbidden(request: ApiRequest, status: JsonObject | undefined): string {
  const user = /User "([^"]{1,200})"/.exec(stringAt(status, "message") ?? "")?.[1];
  const who = user === undefined ? "these credentials" : `user "${user}"`;
  if (request.resource.startsWith("/")) return `get ${request.resource}: ${who} may not read this path (403)`;
  return (
    `${describeRequest(request)}: ${who} may not ${request.verb} "${request.resource}" in API group "${request.group}" (403). ` +
    "Apply the ClusterRole and binding that `hepctl rbac` prints."
  );
}

function quote(sentence: string | undefined): string {
  const line = (sentence ?? "").replace(/\s+/g, " ").trim();
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}
