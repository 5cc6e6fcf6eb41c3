import pLimit from "p-limit";
import { Pool } from "undici";
import type { UserWithToken } from "./users.ts";

/** Any object of any kind, as one writes it in YAML. */
export type AnyObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
};

export type AnyList = {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly AnyObject[];
};

/** A bare client of the API server, without retries or opinions: what it is told is what it sends. */
export type AdminClient = {
  /** Sends one request; `body` is sent as JSON. Throws `ApiError` for every answer that is not 2xx. */
  readonly request: (
    method: HttpMethod,
    path: string,
    body?: unknown,
    contentType?: string,
  ) => Promise<unknown>;
  readonly get: (path: string) => Promise<AnyObject>;
  readonly list: (path: string) => Promise<AnyList>;
  readonly create: (path: string, object: AnyObject) => Promise<AnyObject>;
  readonly replace: (path: string, object: AnyObject) => Promise<AnyObject>;
  /** JSON merge patch. */
  readonly patch: (path: string, patch: unknown) => Promise<AnyObject>;
  /** Replaces the status subresource of the object at `path`. */
  readonly replaceStatus: (path: string, object: AnyObject) => Promise<AnyObject>;
  /** Deletes an object, or a whole collection. Answers what the server answers. */
  readonly remove: (path: string) => Promise<unknown>;
  /** Runs the work for every item with as many in flight as there are connections; keeps the order of the results. */
  readonly forEach: <Item, Result>(
    items: readonly Item[],
    work: (item: Item) => Promise<Result>,
  ) => Promise<readonly Result[]>;
  readonly close: () => Promise<void>;
};

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer of the API server that is not 2xx. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(request: string, status: number, reason: string, message: string) {
    super(`${request}: ${status} ${reason}: ${message}`);
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
  }
}

/** Enough to keep kube-apiserver busy on a small machine; more in flight made nothing faster. */
const connections = 16;

/** A client that talks to the server at `url` as `user`. `ca` is the PEM of who signed the server's certificate. */
export function adminClient(url: string, ca: string, user: UserWithToken): AdminClient {
  const pool = new Pool(url, { connections, connect: { ca }, allowH2: false });
  const limit = pLimit(connections);

  const request: AdminClient["request"] = async (method, path, body, contentType = "application/json") => {
    const response = await pool.request({
      method,
      path,
      headers: {
        authorization: `Bearer ${user.token}`,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": contentType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 200 && response.statusCode < 300) return parseJson(text);
    const { reason = "", message = text } = asStatus(parseJson(text));
    throw new ApiError(`${method} ${path}`, response.statusCode, reason, message);
  };
  const requestObject = async (...args: Parameters<typeof request>): Promise<AnyObject> =>
    (await request(...args)) as AnyObject;

  return {
    request,
    get: (path) => requestObject("GET", path),
    list: async (path) => (await request("GET", path)) as AnyList,
    create: (path, object) => requestObject("POST", path, object),
    replace: (path, object) => requestObject("PUT", path, object),
    patch: (path, patch) => requestObject("PATCH", path, patch, "application/merge-patch+json"),
    replaceStatus: (path, object) => requestObject("PUT", `${path}/status`, object),
    remove: (path) => request("DELETE", path),
    forEach: (items, work) => Promise.all(items.map((item) => limit(work, item))),
    // What is still in flight belongs to a server that is about to be killed: nothing to wait for.
    close: () => pool.destroy(),
  };
}

/** Some paths (`/readyz`) answer plain text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function asStatus(value: unknown): { readonly reason?: string; readonly message?: string } {
  return typeof value === "object" && value !== null ? value : {};
}
