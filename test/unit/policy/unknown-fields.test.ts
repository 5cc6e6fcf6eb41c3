import { expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseWorldFile } from "../../../functions/cli/input/world-file.ts";
import type { JsonObject } from "../../../lib/model/kubernetes-object.ts";
import { unknownFields } from "../../../lib/policy/validation/unknown-fields.ts";

const policy = (spec: JsonObject) => ({
  apiVersion: "projectcalico.org/v3",
  kind: "GlobalNetworkPolicy",
  metadata: { name: "web", anything: true },
  spec,
});

test.each<[string, JsonObject, readonly object[]]>([
  ["nothing wrong", { selector: "all()", types: ["Ingress"], ingress: [{ action: "Allow" }] }, []],
  ["a letter wrong", { selecter: "all()" }, [{ path: "spec.selecter", meant: "selector" }]],
  [
    "a field one level too high",
    { ingress: [{ action: "Allow" }, { action: "Deny", destination: { port: [443] } }] },
    [{ path: "spec.ingress[1].destination.port", meant: "ports" }],
  ],
  ["a word of another world", { podSelector: {} }, [{ path: "spec.podSelector" }]],
  ["the case wrong", { applyonforward: true }, [{ path: "spec.applyonforward", meant: "applyOnForward" }]],
])("%s", (_, spec, found) => {
  expect(unknownFields(policy(spec))).toEqual(found);
});

test("kinds without a schema have no unknown fields, and nonsense is bounded", () => {
  expect(unknownFields({ apiVersion: "v1", kind: "Node", metadata: { name: "x" }, spec: { a: 1 } })).toEqual(
    [],
  );
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]));
  expect(unknownFields(policy(many))).toHaveLength(20);
});

test("none in what the examples of the repository write", () => {
  const folder = join(import.meta.dirname, "..", "..", "..", "examples");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((it) =>
    it.endsWith(".yaml"),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files)
    for (const object of parseWorldFile(readFileSync(join(folder, file), "utf8"), file).objects)
      expect({ file, found: unknownFields(object) }).toEqual({ file, found: [] });
});
