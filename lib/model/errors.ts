/** The family of errors that gateways throw: everything from outside is classified into one of these at the border. */

import { cleanText } from "./clean-text.ts";

export type GatewayErrorOptions = { readonly cause?: unknown };

/** Common root; `message` names the object, the cause and, where there is one, the fix. Never holds a token or a response body with one. */
export class GatewayError extends Error {
  constructor(message: string, options: GatewayErrorOptions = {}) {
    super(cleanText(message), options);
    this.name = new.target.name;
  }
}

/** 404: the object is not there. */
export class NotFoundError extends GatewayError {}

/** 409: somebody else wrote first, or the object exists already. */
export class ConflictError extends GatewayError {}

/** 429: asked to come back later. `retryAfterSeconds` as the server said, when it did. */
export class ThrottledError extends GatewayError {
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, retryAfterSeconds: number | undefined, options: GatewayErrorOptions = {}) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** 401 or 403: not let in, or not allowed to. */
export class DeniedError extends GatewayError {
  readonly status: 401 | 403;
  constructor(message: string, status: 401 | 403, options: GatewayErrorOptions = {}) {
    super(message, options);
    this.status = status;
  }
}

/** 400, 422: the object was refused as it is. */
export class InvalidError extends GatewayError {}

/** 410: a list's continue token is too old; the list must start again. */
export class ExpiredError extends GatewayError {}

/** The layer at which an unreachable server fails; `doctor` names it. */
export type UnreachableLayer = "credentials" | "dns" | "tcp" | "tls" | "timeout" | "protocol" | "server";

/** No usable answer: name, connection, TLS, time, broken body, or a 5xx. */
export class UnreachableError extends GatewayError {
  readonly layer: UnreachableLayer;
  constructor(message: string, layer: UnreachableLayer, options: GatewayErrorOptions = {}) {
    super(message, options);
    this.layer = layer;
  }
}

/** The person's input is wrong (arguments, settings, files): one message, exit code 64, no stack trace. */
export class UsageError extends Error {
  constructor(message: string, options: GatewayErrorOptions = {}) {
    super(cleanText(message), options);
    this.name = "UsageError";
  }
}
