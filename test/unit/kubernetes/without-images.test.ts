import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { projectNode, withoutImages } from "../../../lib/kubernetes/project-node.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { aNodeObject } from "../../builders/a-node.ts";

const node = aNodeObject();
const withImages = (images: unknown) =>
  JSON.stringify({ ...node, status: { ...node.status, images, phase: "Running" } });

test("the images of a Node are taken out, and only they", () => {
  const text = withImages([
    { names: ["a@sha256:1", "a:v1"], sizeBytes: 7 },
    { names: [], sizeBytes: 1 },
    { names: ["b"] },
  ]);
  expect(JSON.parse(withoutImages(text))).toEqual(JSON.parse(withImages([])));
});

test("whatever a kubelet reports as images, the Node means the same without them", () => {
  const names = fc.array(
    fc.oneof(fc.string(), fc.constantFrom('x}],"metadata":{"name":"root"}', '}]},"', '],"images":[', "\\")),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ names, sizeBytes: fc.nat() })), (images) => {
      const text = withImages(images);
      const shrunk = JSON.parse(withoutImages(text)) as JsonObject;
      expect(projectNode(shrunk)).toEqual(projectNode(JSON.parse(text) as JsonObject));
    }),
    { numRuns: 500 },
  );
});

test("other lists called images stay", () => {
  for (const images of [[], ["a"], [{ names: ["a"], other: 1 }], {}])
    expect(withoutImages(withImages(images))).toBe(withImages(images));
});
