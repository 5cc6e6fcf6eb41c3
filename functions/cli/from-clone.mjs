/**
 * `hepctl` in a clone: runs the bundled command line, and bundles it first when its sources are newer.
 *
 * Plain JavaScript for Node 20 on a fresh clone. What it does on every call is counted in milliseconds: a look at the
 * time stamps of the files that went into the bundle, and one process more when the running Node is too old.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { becomeProgram, ensureDependencies, nodeFolder, projectRoot } from "../local/install/bootstrap.mjs";

const bundleFile = join(projectRoot, "dist", "hepctl.mjs");
const inputsFile = join(projectRoot, "dist", "hepctl.inputs.json");

/** True when the bundle is there and none of its inputs was changed or removed since. */
function isFresh() {
  try {
    const { builtAt, files } = JSON.parse(readFileSync(inputsFile, "utf8"));
    statSync(bundleFile);
    return files.every((file) => statSync(join(projectRoot, file)).mtimeMs <= builtAt);
  } catch {
    return false;
  }
}

if (!isFresh()) {
  ensureDependencies();
  const { buildHepctl } = await import("./build-hepctl.mjs");
  await buildHepctl({ projectRoot, bundleFile, inputsFile });
}
// `npm run hepctl` starts in the clone's root; paths in arguments are meant from where the person stands.
if (process.env.npm_lifecycle_event === "hepctl" && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
const newerNode = nodeFolder();
if (newerNode === undefined) await import(pathToFileURL(bundleFile).href);
else becomeProgram(join(newerNode, "node"), [bundleFile, ...process.argv.slice(2)], process.env);
