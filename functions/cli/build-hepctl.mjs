/**
 * Bundles the command line into `dist/`: one small entry, and chunks that a command loads when it needs them.
 *
 * Must never happen: a call that sees half a bundle. Chunks bear their content's hash and are written first, the entry is
 * renamed into place last; chunks of earlier builds stay for a day, because a running process may still load them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { connectionsOfUndici } from "../local/connections-of-undici.mjs";

const mainFile = "functions/cli/main.ts";
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Ends the process with one line per error when the sources cannot be bundled. */
export async function buildHepctl({ projectRoot, bundleFile, inputsFile }) {
  const builtAt = Date.now();
  const chunkFolder = join(dirname(bundleFile), "hepctl");
  const result = await bundleOrEnd(projectRoot, chunkFolder);
  mkdirSync(chunkFolder, { recursive: true });
  for (const { path, contents } of result.outputFiles) writeInPlace(path, contents);
  removeOldChunks(chunkFolder, new Set(result.outputFiles.map(({ path }) => basename(path))), builtAt);
  writeInPlace(bundleFile, entryText(mainChunk(result.metafile)));
  // What a plugin made is no file, and would count as removed ever after.
  const files = Object.keys(result.metafile.inputs).filter(
    (file) => !file.includes("node_modules/") && existsSync(join(projectRoot, file)),
  );
  writeInPlace(
    inputsFile,
    JSON.stringify({ builtAt, files: [...files, "package-lock.json", "functions/cli/build-hepctl.mjs"] }),
  );
}

/** The command line as esbuild makes it, not yet written: chunks, their source maps, and what went into them. @throws esbuild's error */
export function bundleHepctl(projectRoot, outdir) {
  return build({
    absWorkingDir: projectRoot,
    entryPoints: [{ in: mainFile, out: "main" }],
    outdir,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // Names stay: messages show the class of an error. White space is most of what a parser would have to read.
    minifyWhitespace: true,
    minifySyntax: true,
    // The ESM builds first: they split into what is used.
    mainFields: ["module", "main"],
    conditions: ["module", "import"],
    sourcemap: "linked",
    sourcesContent: false,
    define: { BUNDLED_COMMIT: JSON.stringify(commitOf(projectRoot)) },
    plugins: [connectionsOfUndici],
    metafile: true,
    write: false,
    logLevel: "silent",
    // CommonJS packages inside an ES module still ask for `require`.
    banner: {
      js: 'import{createRequire as bundleRequire}from"node:module";const require=bundleRequire(import.meta.url);',
    },
  });
}

/** Name of the chunk that runs the command line. */
export function mainChunk(metafile) {
  const [path] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === mainFile);
  return basename(path);
}

/** The commit of a clone, with "-dirty" when something that git knows was changed; "unknown" where there is no git. */
function commitOf(folder) {
  const args = ["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"];
  const { status, stdout } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown";
}

async function bundleOrEnd(projectRoot, outdir) {
  try {
    return await bundleHepctl(projectRoot, outdir);
  } catch (error) {
    for (const { text, location } of error.errors ?? [{ text: error.message }])
      process.stderr.write(
        `hepctl cannot be built: ${location ? `${location.file}:${location.line}: ` : ""}${text}\n`,
      );
    process.exit(70);
  }
}

/** V8 keeps what it compiled beside the bundle, so that the next start does not compile it again. */
function entryText(main) {
  return [
    'import { enableCompileCache } from "node:module";',
    'import { join } from "node:path";',
    'enableCompileCache(join(import.meta.dirname, ".compile-cache"));',
    `await import("./hepctl/${main}");`,
    "",
  ].join("\n");
}

function writeInPlace(path, contents) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

function removeOldChunks(folder, current, now) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!current.has(name) && now - statSync(path, { throwIfNoEntry: false })?.mtimeMs > dayMilliseconds)
      rmSync(path, { force: true });
  }
}
