import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createItemReader, type ItemReaderOptions } from "../../../lib/kubernetes/requests/item-reader.ts";
import { isJsonObject } from "../../../lib/model/read-json.ts";

/** Reads a document in chunks of the given sizes; answers all items, streamed or not, and how many were streamed. */
function readInChunks(
  text: string,
  sizes: readonly number[],
  more: Partial<ItemReaderOptions<unknown>> = {},
) {
  const kinds = new Set<string>();
  const reader = createItemReader({
    project: (item, kind) => {
      kinds.add(kind);
      return item;
    },
    batch: 128,
    ...more,
  });
  let bytes = Buffer.from(text);
  for (let turn = 0; bytes.length > 0; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    reader.write(bytes.subarray(0, size));
    bytes = bytes.subarray(size);
  }
  const rest: unknown = JSON.parse(reader.end());
  const left =
    isJsonObject(rest) && Array.isArray(rest["items"]) ? (rest["items"] as readonly unknown[]) : [];
  return { rest, all: [...reader.items, ...left], streamed: reader.items.length, kinds: [...kinds] };
}

const sizes = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 5 });

describe("the item reader", () => {
  test("gives back every item of any list, in order, however the bytes are cut", () => {
    // Texts that look like structure, nested objects that begin like items, other scripts.
    const nasty = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('},{"metadata":', '"items":[', "}]}", "é漢\u{1f600}"),
    );
    const rest = {
      metadata: fc.record({ name: nasty, labels: fc.dictionary(nasty, nasty) }),
      spec: fc.array(fc.record({ metadata: nasty, x: fc.jsonValue() })),
    };
    const item = fc.oneof(
      fc.record(rest),
      fc.record({ apiVersion: fc.constant("v1"), kind: fc.constant("Node"), ...rest }),
    );
    const batch = fc.integer({ min: 1, max: 2_000 });
    fc.assert(
      fc.property(fc.array(item), fc.boolean(), sizes, batch, (items, headFirst, cuts, size) => {
        const list = headFirst
          ? { kind: "NodeList", metadata: { continue: "t" }, items }
          : { apiVersion: "v1", items, kind: "NodeList", metadata: { continue: "t" } };
        const text = JSON.stringify(list);
        const { all, rest } = readInChunks(text, cuts, { batch: size });
        expect(all).toEqual((JSON.parse(text) as typeof list).items);
        expect(rest).toMatchObject({ kind: "NodeList", metadata: { continue: "t" } });
      }),
    );
  });

  test("entries of managedFields that begin like an item do not keep items from being split", () => {
    const apiVersion = "crd.projectcalico.org/v1";
    const item = (index: number) => ({
      apiVersion,
      kind: "HostEndpoint",
      metadata: {
        managedFields: [
          { apiVersion, manager: "a" },
          { apiVersion, manager: "b" },
        ],
        name: `n${index}`,
      },
    });
    const items = Array.from({ length: 50 }, (_, index) => item(index));
    const text = JSON.stringify({ apiVersion, items, kind: "HostEndpointList" });
    expect(readInChunks(text, [100])).toMatchObject({ streamed: 49, all: items });
    const without = items.map((it) => ({ ...it, metadata: { ...it.metadata, managedFields: [] } }));
    expect(readInChunks(text, [100], { ignored: ["managedFields"] }).all.slice(0, -1)).toEqual(
      without.slice(0, -1),
    );
  });

  test("streams all but the last item, and knows their kind when the head comes first", () => {
    const items = Array.from({ length: 100 }, (_, index) => ({ metadata: { name: `n${index}` } }));
    const read = readInChunks(JSON.stringify({ kind: "NodeList", items }), [64]);
    expect(read).toMatchObject({ streamed: 99, kinds: ["Node"] });
    expect(readInChunks(JSON.stringify({ apiVersion: "v1", items, kind: "NodeList" }), [64]).kinds).toEqual([
      "",
    ]);
  });

  test("a document that breaks off does not become a whole one", () => {
    const text = JSON.stringify({
      kind: "NodeList",
      items: [{ metadata: { name: "a" } }, { metadata: { name: "b" } }],
    });
    for (let length = 0; length < text.length; length++)
      expect(() => readInChunks(text.slice(0, length), [16])).toThrow(SyntaxError);
  });

  test("other documents pass through as they are", () => {
    fc.assert(
      fc.property(fc.jsonValue(), sizes, (value, cuts) => {
        const text = JSON.stringify(value);
        expect(readInChunks(text, cuts).rest).toEqual(JSON.parse(text));
      }),
    );
    const status = { kind: "Status", message: "x".repeat(20_000) };
    expect(readInChunks(JSON.stringify(status), [1_000]).rest).toEqual(status);
    const spaced = JSON.stringify({ items: [{ a: 1 }, { a: 2 }] }, null, 2);
    expect(readInChunks(spaced, [7]).all).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test("gives up splitting, not reading, where the separator never separates", () => {
    const nested = { metadata: {}, inner: Array.from({ length: 200 }, (_, metadata) => ({ metadata })) };
    const { all, streamed } = readInChunks(JSON.stringify({ items: [nested, nested, nested] }), [50]);
    expect(streamed).toBe(0);
    expect(all).toEqual([nested, nested, nested]);
  });
});
