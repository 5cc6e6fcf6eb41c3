import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { projectNode } from "../../../lib/model/project-node.ts";
import { copyWithoutLists, ignoredLists } from "../../../lib/kubernetes/without-lists.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const node = aNodeObject();
const lists = ignoredLists(["images", "managedFields"]);

function without(text: string): string {
  const source = Buffer.from(text);
  const target = Buffer.alloc(source.length);
  return target.subarray(0, copyWithoutLists(source, lists, target)).toString();
}

/** A Node's text with images in the middle of its status, and at its end. */
const withImages = (images: unknown, last = false) =>
  JSON.stringify({
    ...node,
    status: last ? { ...node.status, images } : { ...node.status, images, phase: "Running" },
  });

/** What the reader makes of an item: what parses after the cut, else the whole. */
function readShrunk(text: string): JsonObject {
  try {
    return JSON.parse(without(text)) as JsonObject;
  } catch {
    return JSON.parse(text) as JsonObject;
  }
}

const someImages = [
  { names: ["a@sha256:1", "a:v1"], sizeBytes: 7 },
  { names: [], sizeBytes: 1 },
  { names: ["b"] },
];

describe("lists that nobody looks at", () => {
  test.each([true, false])("are taken out, and only they (last: %p)", (last) => {
    expect(without(withImages(someImages, last))).toBe(withImages([], last));
  });

  test("are taken out of several items, wherever they stand", () => {
    const item = (images: unknown, managedFields: unknown) =>
      JSON.stringify({
        metadata: { labels: { images: "x" }, managedFields, name: "n" },
        status: { phase: "Running", images },
      });
    const fields = [{ manager: "a", fieldsV1: { 'k:{"type":"Ready"}': {} } }, { manager: "b" }];
    expect(without(`${item(someImages, fields)},${item([], [])},${item(someImages, fields)}`)).toBe(
      `${item([], [])},${item([], [])},${item([], [])}`,
    );
  });

  test("whatever a kubelet reports as images, the Node means the same without them", () => {
    const names = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          'x}],"metadata":{"name":"root"}',
          "x}],",
          "x}]",
          "x}]}},{",
          '}]},"',
          '],"images":[',
          "\\",
        ),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ names, sizeBytes: fc.nat() })), fc.boolean(), (images, last) => {
        const text = withImages(images, last);
        expect(projectNode(readShrunk(text))).toEqual(projectNode(JSON.parse(text) as JsonObject));
      }),
      { numRuns: 500 },
    );
  });

  test("a cut that would end a list further in leaves nothing that parses", () => {
    const deep = withImages([{ names: ["a"], layers: [{ a: 1 }], sizeBytes: 1 }]);
    expect(() => JSON.parse(without(deep)) as unknown).toThrow(SyntaxError);
  });

  test("stay when they hold something else, or their end is not certain", () => {
    for (const images of [[], ["a"], {}, "x", [{ names: ["}]"] }], [{ names: ["}],"] }]])
      expect(without(withImages(images))).toBe(withImages(images));
    const spaced = JSON.stringify({ images: [{ a: 1 }], next: 1 }, null, 1);
    expect(without(spaced)).toBe(spaced);
  });
});
