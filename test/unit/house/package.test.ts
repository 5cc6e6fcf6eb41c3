/** What npm's package may hold, and what it must not need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { thirdPartyNotices } from "../../../functions/local/package/third-party-notices.ts";

const manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "..", "package.json"), "utf8"),
) as Readonly<Record<string, unknown>>;

test("nothing is installed beside the package: everything is bundled, so what is bundled is a devDependency", () => {
  // npm install --save-dev --save-exact NAME
  expect(Object.keys(manifest["dependencies"] ?? {})).toEqual([]);
  expect(Object.keys(manifest["optionalDependencies"] ?? {})).toEqual([]);
  const scripts = Object.keys(manifest["scripts"] ?? {});
  expect(scripts.filter((it) => /^(pre|post)?install$/.test(it))).toEqual([]);
});

describe("third-party notices", () => {
  const licence = (id: string, text?: string) => ({
    licenses: [{ license: { id } }],
    ...(text === undefined ? {} : { evidence: { licenses: [{ license: { text: { content: text } } }] } }),
  });
  const notices = (...components: Parameters<typeof thirdPartyNotices>[0]["components"]) =>
    thirdPartyNotices({ bomFormat: "CycloneDX", specVersion: "1.6", components });

  test("packages with the same text stand above it together, base64 or not", () => {
    const encoded = { content: Buffer.from("the text\r\n").toString("base64"), encoding: "base64" };
    const text = notices(
      { name: "a", version: "1.0.0", ...licence("MIT", "the text") },
      {
        group: "@b",
        name: "c",
        version: "2.0.0",
        licenses: [{ expression: "(MIT OR ISC)" }],
        evidence: { licenses: [{ license: { text: encoded } }] },
      },
    );
    expect(text).toContain("a 1.0.0 (MIT)\n@b/c 2.0.0 ((MIT OR ISC))\n\nthe text\n");
    expect(text.match(/the text/g)).toHaveLength(1);
  });

  test("a licence that is named and not shipped is written out", () => {
    const text = notices(
      { name: "forgets", version: "1.0.0", ...licence("Apache-2.0") },
      { name: "ships", version: "1.0.0", ...licence("Apache-2.0", "Apache's words") },
      { name: "core", version: "7.0.0", author: "Its contributors", ...licence("MIT") },
    );
    expect(text).toContain("forgets 1.0.0 (Apache-2.0)\nships 1.0.0 (Apache-2.0)\n\nApache's words");
    expect(text).toContain("Copyright (c) Its contributors");
  });

  test.each([
    ["nothing", {}, /a 1\.0\.0 is bundled, says no licence named/],
    ["a licence that nobody ships", licence("GPL-3.0"), /says GPL-3\.0/],
    ["MIT, by nobody", licence("MIT"), /says MIT/],
  ])("a package that says %s stops the packing", (_what, says, message) => {
    expect(() => notices({ name: "a", version: "1.0.0", ...says })).toThrow(message);
  });
});
