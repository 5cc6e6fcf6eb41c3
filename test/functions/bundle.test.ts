import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  BUNDLE_LIMIT_BYTES,
  bundleFunction,
  FUNCTION_NAMES,
  packagesIn,
  type Bundle,
} from "../../functions/local/bundle.ts";

let outDir: string;
beforeAll(() => {
  outDir = mkdtempSync(join(tmpdir(), "bundle-"));
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

describe.each(FUNCTION_NAMES)("the bundle of %s", (name) => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleFunction(name, outDir);
  });

  test("is one file with its source map, under its bound", () => {
    expect(readdirSync(bundle.folder).sort()).toEqual(["index.mjs", "index.mjs.map"]);
    expect(bundle.bytes).toBeLessThan(BUNDLE_LIMIT_BYTES);
    expect(readFileSync(bundle.file, "utf8")).toMatch(/\/\/# sourceMappingURL=index\.mjs\.map\s*$/);
  });

  test("carries no client library of Kubernetes and no test", () => {
    const packages = packagesIn(bundle.metafile).map(([packageName]) => packageName);
    expect(packages).not.toContain("@kubernetes/client-node");
    expect(Object.keys(bundle.metafile.inputs).filter((it) => it.startsWith("test/"))).toEqual([]);
  });
});

test("the same sources make the same bytes: an asset changes only when the code does", async () => {
  const [one, other] = [
    await bundleFunction("release", join(outDir, "1")),
    await bundleFunction("release", join(outDir, "2")),
  ];
  expect(readFileSync(one.file).equals(readFileSync(other.file))).toBe(true);
});
