/**
 * Sends one request until it is answered, refused, or hopeless.
 *
 * In: a request, a signal with the caller's budget. Out: the JSON object of a success, or one error of `model/errors.ts`.
 * Must never happen: a write that is sent twice after an ambiguous failure (a cut connection, a 5xx), or a wait beyond the budget.
 */
import { type GatewayError, UnreachableError } from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import type { Clock } from "../../ports/clock.ts";
import {
  type ApiRequest,
  describeRequest,
  methodOf,
  qualifiedResource,
  type Verb,
} from "../requests/api-request.ts";
import { type Answer, classifyAnswer, saysObjectIsGone, statusCodeOf } from "../requests/classify-answer.ts";
import { classifyFailure, outOfTime } from "../requests/classify-failure.ts";
import type { BodyReader, Connection } from "./open-connection.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** How we prove who we are. */
export type Credentials = {
  /** Value of the Authorization header; undefined when the connection itself proves it. `fresh`: the last one was refused. */
  authorize(signal: AbortSignal, fresh: boolean): Promise<string | undefined>;
  /** Whether asking for a fresh one can help after a 401. */
  readonly renewable: boolean;
  /** Headers beside it (impersonation). */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** What a person can do when the server does not accept them: a sentence. */
  readonly fixOfRejection: string;
};

/** One HTTP exchange that has ended, well or not. */
export type RequestObservation = {
  readonly verb: Verb;
  /** `nodes`, `hostendpoints.crd.projectcalico.org`, `/version`. */
  readonly resource: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  readonly milliseconds: number;
};
export type RequestObserver = (observation: RequestObservation) => void;

export type Transport = {
  /** Answers the object, or undefined when the server says that the named object is not there. NotFoundError when the resource is not. */
  find(request: ApiRequest, signal: AbortSignal): Promise<JsonObject | undefined>;
  /**
   * Answers the object, or throws NotFoundError.
   * @param openReader makes a reader for the body of each attempt; only the last one counts
   */
  send(request: ApiRequest, signal: AbortSignal, openReader?: () => BodyReader): Promise<JsonObject>;
  /** The server's clock at its latest answer, in milliseconds since 1970; undefined while it has not told. */
  serverTime(): number | undefined;
};

export type TransportOptions = {
  readonly connection: Connection;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly onRequest: RequestObserver;
};

/** How often we come back, and the longest single wait that we accept, in seconds; a longer `Retry-After` is passed on at once. */
const throttleRetries = 5;
const cutRetries = 3;
const longestWaitSeconds = 15;

export function createTransport(options: TransportOptions): Transport {
  let serverTime: number | undefined;
  const settled: typeof exchangeUntilSettled = async (...exchange) => {
    const answer = await exchangeUntilSettled(...exchange);
    serverTime = answer.date ?? serverTime;
    return answer;
  };
  return {
    serverTime: () => serverTime,
    find: async (request, signal) => {
      const answer = await settled(options, request, signal);
      return saysObjectIsGone(request, answer) ? undefined : readSuccess(options, request, answer);
    },
    send: async (request, signal, openReader) => {
      const answer = await settled(options, request, signal, openReader);
      return readSuccess(options, request, answer);
    },
  };
}

/** Comes back with the last answer, whatever its status; throws when there is none, or when it asked to come back too often. */
async function exchangeUntilSettled(
  options: TransportOptions,
  request: ApiRequest,
  signal: AbortSignal,
  openReader?: () => BodyReader,
): Promise<Answer> {
  let renewed = false;
  let cuts = 0;
  let throttles = 0;
  for (;;) {
    const outcome = await exchangeOnce(options, request, signal, renewed, openReader?.());
    if (outcome.kind === "failure") {
      if (!outcome.cut || !request.repeatable || cuts >= cutRetries) throw outcome.error;
      await waitOrThrow(options.clock, 100 * 2 ** cuts, signal, outcome.error);
      cuts += 1;
      continue;
    }
    const { answer } = outcome;
    if (answer.status === 401 && options.credentials.renewable && !renewed) {
      renewed = true;
      continue;
    }
    const wait = secondsToWait(request, answer, throttles);
    if (wait === undefined) return answer;
    const error = errorOf(options, request, answer);
    if (throttles >= throttleRetries || wait > longestWaitSeconds) throw error;
    throttles += 1;
    await waitOrThrow(options.clock, wait * 1000, signal, error);
  }
}

type Outcome =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "failure"; readonly error: GatewayError; readonly cut: boolean };

async function exchangeOnce(
  options: TransportOptions,
  request: ApiRequest,
  signal: AbortSignal,
  fresh: boolean,
  reader: BodyReader | undefined,
): Promise<Outcome> {
  const { connection, credentials, clock, onRequest } = options;
  const subject = `${describeRequest(request)} at ${connection.endpoint.origin}`;
  if (signal.aborted) throw outOfTime(subject, signal.reason);
  // Nothing that proves who we are leaves this machine unencrypted, whoever asked for it.
  const encrypted = connection.endpoint.protocol === "https:";
  const authorization = encrypted ? await credentials.authorize(signal, fresh) : undefined;
  const started = clock.now();
  const observe = (status: number | undefined) => {
    onRequest({
      verb: request.verb,
      resource: qualifiedResource(request),
      status,
      milliseconds: clock.now() - started,
    });
  };
  try {
    const answer = await connection.exchange(
      {
        method: methodOf(request.verb),
        path: request.path,
        headers: {
          accept: request.accept ?? "application/json",
          "user-agent": "hostendpoint-reconciler",
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
          ...credentials.headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
      },
      signal,
      reader,
    );
    observe(answer.status);
    return { kind: "answer", answer };
  } catch (thrown) {
    observe(undefined);
    return { kind: "failure", ...classifyFailure(thrown, subject, signal) };
  }
}

/**
 * Seconds after which to ask again; undefined when the answer stands. A 429 was not served, so anything may be sent again;
 * a 5xx with `Retry-After` may have been, so only repeatable requests are.
 */
function secondsToWait(request: ApiRequest, answer: Answer, earlier: number): number | undefined {
  if (answer.status === 429)
    return answer.retryAfterSeconds ?? Math.min(2 ** earlier * 0.5, longestWaitSeconds);
  if (answer.status >= 500 && request.repeatable) return answer.retryAfterSeconds;
  return undefined;
}

/** Waiting that the budget cuts short ends with the error that we waited for, not with the clock's. */
async function waitOrThrow(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  error: GatewayError,
): Promise<void> {
  try {
    await clock.sleep(milliseconds, signal);
  } catch {
    throw error;
  }
  if (signal.aborted) throw error;
}

function readSuccess(options: TransportOptions, request: ApiRequest, answer: Answer): JsonObject {
  if (answer.status < 200 || answer.status > 299) throw errorOf(options, request, answer);
  const subject = `${describeRequest(request)} at ${options.connection.endpoint.origin}`;
  const value = parse(answer.text, subject);
  if (value["kind"] !== "Status" || value["status"] !== "Failure") return value;
  const status = statusCodeOf(value);
  const error = errorOf(options, request, { ...answer, status });
  throw status < 400
    ? new UnreachableError(`${subject}: a failure that calls itself ${status}`, "protocol")
    : error;
}

function parse(text: string, subject: string): JsonObject {
  const value = parseOrUndefined(text);
  if (isJsonObject(value)) return value;
  const what = /^\s*</.test(text)
    ? "HTML came instead of JSON: a proxy or a login page stands between, or the server address is wrong"
    : text === ""
      ? "the answer is empty"
      : value === undefined
        ? "the answer is no whole JSON: it breaks off or was changed on the way"
        : "the answer is JSON, but no Kubernetes object";
  throw new UnreachableError(`${subject}: ${what}`, "protocol");
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(options: TransportOptions, request: ApiRequest, answer: Answer): GatewayError {
  return classifyAnswer(
    request,
    answer,
    options.connection.endpoint.origin,
    options.credentials.fixOfRejection,
  );
}
