/** The clone's `hepctl` is bundled once: everything that it was made from is a file, whose time stamp tells when to do it again. */
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { buildHepctl } from "../../../functions/cli/build-hepctl.mjs";

const projectRoot = join(import.meta.dirname, "..", "..", "..");

test("its inputs are files that are there, so that an unchanged clone is not bundled again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hepctl-bundle-"));
  const inputsFile = join(folder, "inputs.json");
  await buildHepctl({ projectRoot, bundleFile: join(folder, "hepctl.mjs"), inputsFile });
  const { files } = JSON.parse(readFileSync(inputsFile, "utf8")) as { files: readonly string[] };
  expect(files).toContain("functions/cli/main.ts");
  expect(files.filter((it) => !existsSync(join(projectRoot, it)))).toEqual([]);
});
