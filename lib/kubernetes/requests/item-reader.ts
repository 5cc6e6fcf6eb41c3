/**
 * Takes a list apart while it arrives, so that a page of 500 Nodes (6 MB, 20 MB once parsed) is never whole in memory.
 *
 * In: the bytes of `{"kind":…,"items":[{…},{…}],…}` in chunks. Out: the items, parsed and projected some dozens at a time;
 * at the end the text of the same document without them, which the caller parses and checks like any other answer.
 *
 * How: all items of a list begin with the same keys, so `},{"KEY":` stands between two of them. In JSON a bare quote cannot stand
 * inside a text, so these bytes are structure; if the last of them stand deeper inside an item, what is before them does not parse,
 * and more is waited for. What cannot be split stays in the document: then this is slower, never wrong.
 */
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { createByteWindow } from "./byte-window.ts";
import type { BodyReader } from "../connection/open-connection.ts";
import { isJsonObject } from "../../model/read-json.ts";
import { copyWithoutLists, ignoredLists } from "../without-lists.ts";

export type ItemReader<Item> = BodyReader & {
  /** What was projected so far; whole only together with the items of the remaining document. */
  readonly items: readonly Item[];
};

export type ItemReaderOptions<Item> = {
  /** @param kind what the list's head names for its items (empty when the head comes last) */
  readonly project: (item: JsonObject, kind: string) => Item;
  /** Gets the document as far as it comes before its items, as soon as that is there; not called when it cannot be read. */
  readonly onHead?: (head: JsonObject) => void;
  /** Keys of lists in the items that nobody will look at; they hold objects, and are empty then, or as they were. */
  readonly ignored?: readonly string[];
  /** Bytes that are split and parsed together. */
  readonly batch?: number;
};

/** Enough that what one batch costs by itself does not count, and little enough that its objects die young. */
const usualBatch = 65_536;
const itemsKey = Buffer.from('"items":[');
/** A list's head is some hundred bytes; if `items` is not in there, this is no list, or one that we need not split. */
const longestHead = 16_384;
/** Within so many bytes an item shows what all items begin with. */
const longestBeginning = 300;

export function createItemReader<Item>(options: ItemReaderOptions<Item>): ItemReader<Item> {
  const { project, onHead, ignored = [], batch = usualBatch } = options;
  const items: Item[] = [];
  const window = createByteWindow(2 * batch);
  const parse = itemParser(ignored, 2 * batch);
  let state: "head" | "items" | "rest" = "head";
  let head: Buffer = Buffer.alloc(0);
  let separator: Buffer = Buffer.alloc(0);
  let kind = "";
  /** How many bytes must wait before splitting is tried. */
  let enough = 0;

  const readHead = (bytes: Buffer) => {
    const start = bytes.indexOf(itemsKey) + itemsKey.length;
    if (start < itemsKey.length) {
      if (bytes.length > longestHead) state = "rest";
      return;
    }
    if (bytes.length < start + longestBeginning) return;
    const beginning = beginningOf(bytes.subarray(start, start + longestBeginning));
    if (beginning === undefined) {
      state = "rest";
      return;
    }
    head = Buffer.from(bytes.subarray(0, start));
    kind = /"kind":"(\w+)List"/.exec(head.toString("utf8"))?.[1] ?? "";
    separator = Buffer.from(`},${beginning}`);
    window.drop(start);
    state = "items";
    enough = batch;
    const [document] = parseObjects(Buffer.from(`${head.toString("utf8")}]}`)) ?? [];
    if (document !== undefined) onHead?.(document);
  };

  /** Takes all but the last item, which may not be whole. */
  const readItems = (bytes: Buffer) => {
    const at = bytes.lastIndexOf(separator);
    const found = at < 0 ? undefined : parse(bytes.subarray(0, at + 1));
    if (found === undefined) {
      enough = 2 * bytes.length;
      return;
    }
    for (const item of found) items.push(project(item, kind));
    window.drop(at + 2);
    enough = batch;
  };

  return {
    items,
    write: (chunk) => {
      window.append(chunk);
      if (state === "head") readHead(window.bytes());
      if (state === "items" && window.bytes().length >= enough) readItems(window.bytes());
    },
    end: () => {
      if (state === "items") readItems(window.bytes());
      return Buffer.concat([head, window.bytes()]).toString("utf8");
    },
  };
}

/**
 * `{"metadata":` of `{"metadata":{…`; undefined where there is no such thing. What version and kind an item says it is belongs to it:
 * `apiVersion` alone also begins each entry of `managedFields`.
 */
function beginningOf(bytes: Buffer): string | undefined {
  return /^\{(?:"(?:apiVersion|kind)":"[^"\\]*",)*"[A-Za-z]+":/.exec(bytes.toString("latin1"))?.[0];
}

/** Reads `{…},{…}`; undefined when these are no whole objects. */
function itemParser(
  ignored: readonly string[],
  size: number,
): (bytes: Buffer) => readonly JsonObject[] | undefined {
  const lists = ignoredLists(ignored);
  let copy = Buffer.allocUnsafe(size);
  return (bytes) => {
    if (lists.length === 0) return parseObjects(bytes);
    if (copy.length < bytes.length) copy = Buffer.allocUnsafe(bytes.length);
    const length = copyWithoutLists(bytes, lists, copy);
    return parseObjects(copy.subarray(0, length)) ?? parseObjects(bytes);
  };
}

function parseObjects(bytes: Buffer): readonly JsonObject[] | undefined {
  try {
    const values = JSON.parse(`[${bytes.toString("utf8")}]`) as readonly unknown[];
    return values.every(isJsonObject) ? values : undefined;
  } catch {
    return undefined;
  }
}
