/**
 * What `npm pack` runs first (package.json, `prepack`): makes the files of the package that a clone does not have.
 *
 *     node functions/local/run.mjs functions/local/pack.ts
 */
import { join } from "node:path";
import { root } from "./bundle.ts";
import { buildPackage } from "./package/build-package.ts";

const folder = join(root, "dist", "package");
await buildPackage(folder);
process.stderr.write(`${folder}\n`);
