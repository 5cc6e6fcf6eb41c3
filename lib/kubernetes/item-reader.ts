/**
 * Takes a list apart while it arrives, so that a page of 500 Nodes (6 MB, 20 MB once parsed) is never whole in memory.
 *
 * In: the bytes of `{"kind":…,"items":[{…},{…}],…}` in chunks. Out: each item, parsed and projected as soon as it is complete;
 * at the end the text of the same document without them, which the caller parses and checks like any other answer.
 *
 * How: all items of a list begin with the same key, so `},{"KEY":` stands between two of them. In JSON a bare quote cannot stand
 * inside a text, so these bytes are structure; if they stand deeper inside an item, what is before them does not parse and the
 * search goes on. What cannot be split stays in the document: then this is slower, never wrong.
 */
import type { JsonObject } from "../model/kubernetes-object.ts";
import type { BodyReader } from "./open-connection.ts";
import { isJsonObject } from "./read-json.ts";

export type ItemReader<Item> = BodyReader & {
  /** What was projected so far; whole only together with the items of the remaining document. */
  readonly items: readonly Item[];
};

const itemsKey = Buffer.from('"items":[');
/** A list's head is some hundred bytes; if `items` is not in there, this is no list, or one that we need not split. */
const longestHead = 16_384;
/** So many separators in a row that do not separate: give up splitting. */
const patience = 64;

/** Takes out of an item's text what nobody will look at; must leave JSON, or give the text back as it was. */
export type Shrink = (text: string) => string;

/** @param project gets the item and the kind that the list's head names for its items (empty when the head comes last) */
export function createItemReader<Item>(
  project: (item: JsonObject, kind: string) => Item,
  shrink: Shrink = (text) => text,
): ItemReader<Item> {
  const items: Item[] = [];
  let state: "head" | "items" | "rest" = "head";
  let head: Buffer = Buffer.alloc(0);
  let separator: Buffer = Buffer.alloc(0);
  let kind = "";
  let failures = 0;
  /** Bytes not yet used, the first `searched` of them without a useful separator. */
  let pending: Buffer = Buffer.alloc(0);
  let searched = 0;
  const rest: Buffer[] = [];

  const giveUp = () => {
    state = "rest";
    rest.push(pending);
    pending = Buffer.alloc(0);
  };

  const readHead = () => {
    const at = pending.indexOf(itemsKey);
    if (at < 0) {
      if (pending.length > longestHead) giveUp();
      return;
    }
    const start = at + itemsKey.length;
    const quoted = firstKey(pending.subarray(start, start + 300));
    if (quoted === undefined) {
      if (pending.length > start + 300) giveUp();
      return;
    }
    head = pending.subarray(0, start);
    kind = /"kind":"(\w+)List"/.exec(head.toString("utf8"))?.[1] ?? "";
    separator = Buffer.from(`},{${quoted}:`);
    pending = pending.subarray(start);
    state = "items";
  };

  const readItems = () => {
    let start = 0;
    for (;;) {
      const at = pending.indexOf(separator, searched);
      if (at < 0) break;
      const item = parseItem(pending.subarray(start, at + 1), shrink);
      searched = at + 1;
      if (item === undefined) {
        failures += 1;
        if (failures > patience) break;
        continue;
      }
      items.push(project(item, kind));
      failures = 0;
      start = at + 2;
      searched = start;
    }
    pending = pending.subarray(start);
    if (failures > patience) giveUp();
    else searched = Math.max(searched - start, pending.length - separator.length, 0);
  };

  return {
    items,
    write: (chunk) => {
      if (state === "rest") {
        rest.push(chunk);
        return;
      }
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      if (state === "head") readHead();
      if (state === "items") readItems();
    },
    end: () => Buffer.concat([head, ...rest, pending]).toString("utf8"),
  };
}

/** `"metadata"` of `{"metadata":…`, quotes included; undefined while it is not complete, or is no such thing. */
function firstKey(bytes: Buffer): string | undefined {
  return /^\{("[A-Za-z]+"):/.exec(bytes.toString("latin1"))?.[1];
}

function parseItem(bytes: Buffer, shrink: Shrink): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(shrink(bytes.toString("utf8")));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
