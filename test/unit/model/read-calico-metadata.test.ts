import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CALICO_V1, CALICO_V3 } from "../../../lib/model/calico-group.ts";
import { readCalicoMetadata, writeMetadataAnnotation } from "../../../lib/model/read-calico-metadata.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { lawRuns } from "../law-runs.ts";

const native = { tier: "native", zone: "a" };

function read(text: string, apiVersion: string = CALICO_V1) {
  return readCalicoMetadata({
    apiVersion,
    metadata: { name: "n", labels: native, annotations: { [CALICO_METADATA_ANNOTATION]: text, own: "1" } },
  });
}

describe("an annotation that Go's decoder reads", () => {
  test.each<[string, string, { name?: string; labels?: object; annotations?: object }]>([
    ["nothing at all", "null", {}],
    ["an empty document", " { } ", {}],
    [
      "labels win key by key",
      '{"labels":{"tier":"x","b":"c"}}',
      { labels: { tier: "x", zone: "a", b: "c" } },
    ],
    ["a name", '{"name":"other"}', { name: "other" }],
    ["an empty name is none", '{"name":""}', {}],
    [
      "null is nothing",
      '{"name":null,"labels":null,"annotations":null,"finalizers":null,"ownerReferences":null}',
      {},
    ],
    ["a null label is an empty text", '{"labels":{"tier":null}}', { labels: { tier: "", zone: "a" } }],
    [
      "keys in any case",
      '{"LABELS":{"b":"c"},"Name":"other"}',
      { name: "other", labels: { ...native, b: "c" } },
    ],
    ["odd letters that fold to ASCII", '{"label\u017f":{"b":"c"}}', { labels: { ...native, b: "c" } }],
    ["but no ligatures", '{"\ufb01nalizers":7}', {}],
    [
      "a map that comes twice is merged",
      '{"labels":{"b":"c"},"labels":{"d":"e"}}',
      { labels: { ...native, b: "c", d: "e" } },
    ],
    ["in different cases too", '{"labels":{"b":"c"},"Labels":{"b":"d"}}', { labels: { ...native, b: "d" } }],
    ["null in between clears it", '{"labels":{"b":"c"},"labels":null}', {}],
    ["a name that comes twice: the last", '{"name":"x","name":"y"}', { name: "y" }],
    ["null after a name leaves it", '{"name":"x","NAME":null}', { name: "x" }],
    ["unknown fields may hold anything", '{"labelz":{"a":1},"x":[[{"y":null}]]}', {}],
    ["annotations win too", '{"annotations":{"own":"2"}}', { annotations: { own: "2" } }],
    [
      "a key that is special to JavaScript",
      '{"labels":{"__proto__":"x"}}',
      { labels: { ...native, ["__proto__"]: "x" } },
    ],
    ["what is no Unicode", '{"labels":{"b":"\\ud800"}}', { labels: { ...native, b: "\ufffd" } }],
    [
      "a time, an owner, a manager",
      '{"creationTimestamp":"2026-11-22T07:08:09.5+01:00","ownerReferences":[{"uid":"u","controller":true},null],"managedFields":[{"time":"2026-11-22T07:08:09Z","fieldsV1":7}]}',
      {},
    ],
    [
      "quotes and brackets inside texts",
      '{"labels":{"b":"}],{\\"x\\":1"},"name":"a\\\\"}',
      { name: "a\\", labels: { ...native, b: '}],{"x":1' } },
    ],
    ["10,000 levels", `{"x":${"[".repeat(9_999)}${"]".repeat(9_999)}}`, {}],
  ])("%s", (_what, text, { name = "n", labels = native, annotations = { own: "1" } }) => {
    expect(read(text)).toEqual({ kind: "read", name, labels, annotations });
  });
});

describe("one that it does not read: Calico skips the object, and we say why", () => {
  test.each<[string, string]>([
    ["", "it is empty"],
    ["{bad", "it is no JSON"],
    ["{}{}", "it is no JSON"],
    ["[]", "it is a list, not a map"],
    ['"text"', "it is a text, not a map"],
    ["7", "it is a number, not a map"],
    ['{"labels":{"a":1}}', "labels.a is a number, not a text"],
    ['{"Labels":{"a":true}}', "Labels.a is a boolean, not a text"],
    ['{"labels":[]}', "labels is a list, not a map"],
    ['{"annotations":{"a":{}}}', "annotations.a is a map, not a text"],
    ['{"annotations":"x"}', "annotations is a text, not a map"],
    ['{"name":7}', "name is a number, not a text"],
    ['{"uid":7}', "uid is a number, not a text"],
    ['{"labels":{"a":1},"labels":{}}', "labels.a is a number, not a text"],
    ['{"generation":"1"}', "generation is a text, not a whole number"],
    ['{"generation":1.5}', "generation is a number, not a whole number"],
    ['{"generation":9223372036854775808}', "generation is a number, not a whole number"],
    ['{"creationTimestamp":"yesterday"}', "creationTimestamp is a text, not a time"],
    ['{"creationTimestamp":""}', "creationTimestamp is a text, not a time"],
    ['{"creationTimestamp":"2026-02-30T00:00:00Z"}', "creationTimestamp is a text, not a time"],
    ['{"creationTimestamp":"2026-02-20T24:00:00Z"}', "creationTimestamp is a text, not a time"],
    ['{"creationTimestamp":7}', "creationTimestamp is a number, not a time"],
    ['{"finalizers":["a",7]}', "finalizers[1] is a number, not a text"],
    ['{"finalizers":"a"}', "finalizers is a text, not a list"],
    ['{"ownerReferences":{}}', "ownerReferences is a map, not a list"],
    ['{"ownerReferences":["x"]}', "ownerReferences[0] is a text, not a map"],
    [
      '{"ownerReferences":[{"Controller":"true"}]}',
      "ownerReferences[0].Controller is a text, not true or false",
    ],
    ['{"managedFields":[{"time":"x"}]}', "managedFields[0].time is a text, not a time"],
    [`{"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "it is nested more than 10000 deep"],
    [`{"x":"${"y".repeat(262_144)}"}`, "it is longer than the 262144 bytes that Kubernetes stores"],
  ])("%#: %.60s", (text, reason) => {
    expect(read(text)).toEqual({ kind: "skipped", reason });
  });
});

test("in v3, and on objects that are not Calico's, the annotation is one like any other", () => {
  for (const apiVersion of [CALICO_V3, "v1", "apps/v1"])
    expect(read("{bad", apiVersion)).toMatchObject({ kind: "read", name: "n", labels: native });
});

test("law: what is written is read back, and whatever else the document holds survives", () => {
  const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }).map(wellFormed);
  const document = fc.record(
    {
      name: fc.constantFrom("", "x"),
      labels: texts,
      LABELS: texts,
      finalizers: fc.array(fc.constant("f")),
      other: fc.anything({ maxDepth: 2 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(document, texts, texts, (before, labels, annotations) => {
      const plain = JSON.parse(JSON.stringify(before)) as Record<string, never>;
      const text = writeMetadataAnnotation(plain, labels, annotations);
      const found = readCalicoMetadata({
        apiVersion: CALICO_V1,
        metadata: { name: "n", annotations: { [CALICO_METADATA_ANNOTATION]: text } },
      });
      expect(found).toEqual({ kind: "read", name: before.name === "x" ? "x" : "n", labels, annotations });
      expect((JSON.parse(text) as { other?: unknown }).other).toEqual(plain["other"]);
    }),
    { numRuns: lawRuns(1_000) },
  );
});

test("law: no text makes it throw, or lose a native label", () => {
  const fragments = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "null",
    "1",
    '"labels"',
    '"name"',
    "\\",
    " ",
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fragments, { maxLength: 12 }).map((it) => it.join("")),
  );
  fc.assert(
    fc.property(text, (it) => {
      const found = read(it);
      if (found.kind === "read")
        expect(Object.keys(found.labels)).toEqual(expect.arrayContaining(["tier", "zone"]));
      else expect(found.reason.length).toBeLessThan(200);
    }),
    { numRuns: lawRuns(1_000) },
  );
});

function wellFormed(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [key.toWellFormed(), value.toWellFormed()]),
  );
}
