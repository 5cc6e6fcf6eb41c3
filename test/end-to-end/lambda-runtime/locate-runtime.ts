/**
 * The real Lambda runtime for Node (AWS's runtime interface client), built from its npm package: 65 s, a C++ compiler and cmake.
 */
import { existsSync, readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedPart } from "../parts/cached-part.ts";
import { runToEnd } from "../parts/run-to-end.ts";

const lockFolder = fileURLToPath(new URL("./runtime-interface-client/", import.meta.url));
const lockFiles = ["package.json", "package-lock.json"] as const;

/** The script that a runtime is started with: `node SCRIPT index.handler`. @throws Error that says what to install. */
export async function locateRuntime(): Promise<string> {
  const folder = await cachedPart({
    name: "lambda-runtime",
    ingredients: [
      ...lockFiles.map((it) => readFileSync(join(lockFolder, it), "utf8")),
      `node ${process.versions.modules} ${process.platform} ${process.arch}`,
    ],
    what: "Building the Lambda runtime (aws-lambda-ric): needed once, about 1 minute",
    make: build,
  }).catch((error: unknown) => {
    throw new Error(
      "The Lambda runtime cannot be built: it needs npm, cmake, make and a C++ compiler on Linux",
      { cause: error },
    );
  });
  return join(folder, "node_modules", "aws-lambda-ric", "index.mjs");
}

async function build(folder: string): Promise<void> {
  for (const file of lockFiles) await copyFile(join(lockFolder, file), join(folder, file));
  const nodeFolder = dirname(dirname(process.execPath));
  const headers = existsSync(join(nodeFolder, "include", "node", "node.h"))
    ? { npm_config_nodedir: nodeFolder }
    : {};
  const environment = { ...headers, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` };
  // Scripts off at first: the package would be built for whatever Node npm finds, before its headers are known.
  await runToEnd("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    workingFolder: folder,
    environment,
  });
  await runToEnd("npm", ["rebuild", "aws-lambda-ric", "--loglevel=error"], {
    workingFolder: folder,
    environment,
  });
  const client = join(folder, "node_modules", "aws-lambda-ric", "rapid-client.node");
  if (!existsSync(client)) throw new Error(`npm rebuild made no ${client}`);
}
