/** Pages that are asked for before their turn, on a transport that the test plays by hand. */
import { describe, expect, test } from "@jest/globals";
import type { BodyReader } from "../../../lib/kubernetes/connection/open-connection.ts";
import { listPages } from "../../../lib/kubernetes/requests/list-pages.ts";
import { objectAt, stringAt } from "../../../lib/model/read-json.ts";
import type { Transport } from "../../../lib/kubernetes/connection/transport.ts";
import { ExpiredError, UnreachableError } from "../../../lib/model/errors.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";

const nodes = { groupVersion: "v1", resource: "nodes" };
const names = (page: number) => Array.from({ length: 60 }, (_, index) => `page-${page}-node-${index}`);
const itemsOf = (page: number) => names(page).map((name) => ({ metadata: { name, uid: "u".repeat(300) } }));
const tokenOf = (page: number) => (page < 3 ? { continue: `to-${page + 1}` } : {});
const headFirst = (page: number, token: object = tokenOf(page)) =>
  JSON.stringify({ kind: "NodeList", metadata: token, items: itemsOf(page) });
const headLast = (page: number) =>
  JSON.stringify({ apiVersion: "v1", items: itemsOf(page), kind: "NodeList", metadata: tokenOf(page) });

/** A request that the list has sent; the test answers it bit by bit. */
type Sent = {
  readonly path: string;
  readonly signal: AbortSignal;
  /** Another attempt, as the transport makes it after a cut. */
  again(): void;
  /** Hands the reader the next half of the text, once its turn has come. */
  write(text: string): Promise<void>;
  end(): void;
  fail(error: Error): void;
};

function handPlayed() {
  const sent: Sent[] = [];
  const transport: Transport = {
    find: () => Promise.reject(new Error("not asked for")),
    serverTime: () => undefined,
    send: (request, signal, openReader) =>
      new Promise<JsonObject>((resolve, reject) => {
        let reader = openReader?.() as BodyReader;
        sent.push({
          path: decodeURIComponent(request.path),
          signal,
          again: () => {
            reader = openReader?.() as BodyReader;
          },
          write: async (text) => {
            await reader.turn;
            reader.write(Buffer.from(text));
          },
          end: () => {
            resolve(JSON.parse(reader.end()) as JsonObject);
          },
          fail: reject,
        });
        signal.addEventListener("abort", () => {
          reject(new Error("aborted"));
        });
      }),
  };
  const list = listPages(
    transport,
    {
      resource: nodes,
      kind: "NodeList",
      project: (item) => stringAt(objectAt(item, "metadata"), "name"),
    },
    AbortSignal.timeout(5_000),
  );
  list.catch(() => {});
  const at = (index: number): Sent => {
    const found = sent[index];
    if (found === undefined) throw new Error(`request ${index} was not sent`);
    return found;
  };
  const answer = async (index: number, text: string) => {
    await at(index).write(text);
    at(index).end();
    await settle();
  };
  return { list, sent, at, answer };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const half = (text: string) => text.length / 2;

describe("a list of several pages", () => {
  test("the next page is asked for as soon as the head of this one is there, and no page further", async () => {
    const { list, sent, at, answer } = handPlayed();
    const text = headFirst(1);
    await at(0).write(text.slice(0, half(text)));
    expect(sent.map((it) => it.path)).toEqual([
      "/api/v1/nodes?limit=500",
      "/api/v1/nodes?limit=500&continue=to-2",
    ]);
    // Its answer is there, but its turn is not: so nobody knows of a third.
    const early = at(1).write(headFirst(2));
    await settle();
    expect(sent).toHaveLength(2);
    await answer(0, text.slice(half(text)));
    await early;
    expect(sent).toHaveLength(3);
    at(1).end();
    await settle();
    await answer(2, headFirst(3));
    expect(await list).toEqual([...names(1), ...names(2), ...names(3)]);
  });

  test("where the token stands at the end, the next page is asked for when this one is whole", async () => {
    const { list, sent, at, answer } = handPlayed();
    await at(0).write(headLast(1));
    expect(sent).toHaveLength(1);
    at(0).end();
    await settle();
    expect(sent).toHaveLength(2);
    await answer(1, headLast(2));
    await answer(2, headLast(3));
    expect(await list).toEqual([...names(1), ...names(2), ...names(3)]);
  });

  test("a page that was cut is read anew: nothing twice, and the page that it had named is given up", async () => {
    const { list, sent, at, answer } = handPlayed();
    const text = headFirst(1, { continue: "of-an-older-list" });
    await at(0).write(text.slice(0, half(text)));
    expect(sent).toHaveLength(2);
    at(0).again();
    expect(at(1).signal.aborted).toBe(true);
    await at(0).write(headFirst(1));
    expect(at(2).path).toContain("continue=to-2");
    at(0).end();
    await settle();
    await answer(2, headFirst(2));
    await answer(3, headFirst(3));
    expect(await list).toEqual([...names(1), ...names(2), ...names(3)]);
  });

  test("a page that fails ends the list and the request for the page after it", async () => {
    const { list, at } = handPlayed();
    const text = headFirst(1);
    await at(0).write(text.slice(0, half(text)));
    at(0).fail(new UnreachableError("cut", "tcp"));
    await expect(list).rejects.toThrow("cut");
    expect(at(1).signal.aborted).toBe(true);
  });

  test("a page that fails before its turn fails the list when its turn comes", async () => {
    const { list, sent, at } = handPlayed();
    const text = headFirst(1);
    await at(0).write(text.slice(0, half(text)));
    at(1).fail(new UnreachableError("refused", "server"));
    await settle();
    await at(0).write(text.slice(half(text)));
    at(0).end();
    await expect(list).rejects.toThrow("refused");
    expect(sent).toHaveLength(2);
  });

  test("410 before its turn starts the list again, from the beginning", async () => {
    const { list, at, answer } = handPlayed();
    const text = headFirst(1);
    await at(0).write(text.slice(0, half(text)));
    at(1).fail(new ExpiredError("too old"));
    await answer(0, text.slice(half(text)));
    await answer(2, headFirst(3));
    expect(at(2).path).toBe("/api/v1/nodes?limit=500");
    expect(await list).toEqual(names(3));
  });

  test("a token that does not move is an error, and is not asked for again", async () => {
    const { list, sent, answer } = handPlayed();
    await answer(0, headFirst(1));
    await answer(1, headFirst(2, { continue: "to-2" }));
    await expect(list).rejects.toThrow("the same page was offered twice");
    expect(sent).toHaveLength(2);
  });
});

test("tokens that alternate end the list, they are not followed for ever", async () => {
  let asked = 0;
  const transport: Transport = {
    find: () => Promise.reject(new Error("not asked for")),
    serverTime: () => undefined,
    send: ({ path }) => {
      asked += 1;
      if (asked > 20) return Promise.reject(new Error("asked for ever"));
      const next = path.includes("continue=a") ? "b" : "a";
      return Promise.resolve({ kind: "NodeList", metadata: { continue: next }, items: [] });
    },
  };
  const options = { resource: nodes, kind: "NodeList", project: () => "" };
  await expect(listPages(transport, options, new AbortController().signal)).rejects.toThrow(
    "the list does not move on: the same page was offered twice",
  );
  expect(asked).toBe(3);
});
