/**
 * Bundles the functions and prints what is in them, greatest first.
 *
 *     node functions/local/run.mjs functions/local/print-bundles.ts [OUT_DIR]
 */
import { join } from "node:path";
import { BUNDLE_LIMIT_BYTES, bundleFunction, FUNCTION_NAMES, packagesIn, root } from "./bundle.ts";

const outDir = process.argv[2] ?? join(root, "dist");
for (const name of FUNCTION_NAMES) {
  const { file, bytes, metafile } = await bundleFunction(name, outDir);
  process.stdout.write(`${file}  ${Math.round(bytes / 1000)} kB of ${BUNDLE_LIMIT_BYTES / 1000} kB\n`);
  for (const [packageName, size] of packagesIn(metafile).slice(0, 12))
    process.stdout.write(`  ${String(Math.round(size / 1000)).padStart(5)} kB  ${packageName}\n`);
}
