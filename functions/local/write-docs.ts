/**
 * `npm run docs`: writes the pages that are made from the code anew (functions/local/docs/).
 * test/unit/house/generated-pages.test.ts fails while one of them is not what this writes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generatedPages } from "./docs/generated-pages.ts";

for (const [file, text] of await generatedPages()) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${file}\n`);
}
