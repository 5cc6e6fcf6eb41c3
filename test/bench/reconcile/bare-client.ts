/**
 * The raw limit: the requests of a run, sent by nothing but undici over as many connections, their answers read to the end
 * and thrown away. No JSON is parsed, except for the token of the next page.
 */
import pLimit from "p-limit";
import { Pool } from "undici";

export type Place = { readonly url: string; readonly ca: string; readonly token: string };

export type BareClient = {
  get(path: string): Promise<string>;
  /** As the gateway does: pages of 500, one after the other. */
  listPages(path: string): Promise<void>;
  /** `atATime` POSTs in flight. */
  postAll(path: string, bodies: readonly string[], atATime: number): Promise<void>;
  close(): Promise<void>;
};

export function bareClient({ url, ca, token }: Place, connections: number): BareClient {
  const pool = new Pool(url, { connections, connect: { ca }, allowH2: false });
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const send = async (method: "GET" | "POST", path: string, body?: string): Promise<string> => {
    const answer = await pool.request({
      method,
      path,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body }),
    });
    const text = Buffer.from(await answer.body.arrayBuffer()).toString("latin1");
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
  return {
    get: (path) => send("GET", path),
    listPages: async (path) => {
      for (let token = ""; ;) {
        const more = token === "" ? "" : `&continue=${encodeURIComponent(token)}`;
        const page = await send("GET", `${path}?limit=500${more}`);
        // The list's own metadata comes first in lists of built-in kinds, and last in those of custom resources.
        const ends = `${page.slice(0, 2_000)} ${page.slice(-2_000)}`;
        token = /"kind":"\w+List"[^{]*"metadata":\{[^}]*"continue":"([^"]*)"/.exec(ends)?.[1] ?? "";
        if (token === "") return;
      }
    },
    postAll: async (path, bodies, atATime) => {
      const limit = pLimit(atATime);
      await Promise.all(bodies.map((body) => limit(() => send("POST", path, body))));
    },
    close: () => pool.destroy(),
  };
}
