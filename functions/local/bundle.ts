/**
 * Bundles the Lambda functions: one ESM file each, minified, with a source map. What is bundled is what is tested and
 * what is deployed.
 *
 * In: the name of a function. Out: `OUT_DIR/NAME/index.mjs` and its map; sizes in bytes. @throws Error when it is too large.
 */
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { connectionsOfUndici } from "./connections-of-undici.mjs";

export const FUNCTION_NAMES = ["reconcile", "release"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** A cold start reads and parses all of it. Above 1.6 MB since it finds and removes lifecycle hooks: three more calls of Auto Scaling. */
export const BUNDLE_LIMIT_BYTES = 1_750_000;

export type Bundle = {
  /** The folder that becomes the function's asset. */
  readonly folder: string;
  readonly file: string;
  readonly bytes: number;
  readonly metafile: Metafile;
};

/** The folder of package.json. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Some packages inside are CommonJS and ask for `require`, which an ES module does not have. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/**
 * The SDK describes every shape of a service in one file. esbuild keeps them all, since a computed key might do something
 * when it is evaluated; they are constants, so each is marked as free of effects. Without it EC2 alone has 550 kB.
 */
const droppableShapes: Plugin = {
  name: "droppable-shapes",
  setup: (builder) => {
    builder.onLoad({ filter: /@aws-sdk[\\/].*[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /^((?:export )?var \S+ = )(\[[^]*?\]);$/gm,
        (_all, declaration: string, shape: string) => `${declaration}/* @__PURE__ */ (() => ${shape})();`,
      ),
      loader: "js",
    }));
  },
};

/**
 * pino asks who called it, for transports that it would load relative to the caller. We have none, and with source maps
 * switched on the question alone costs a cold start 200 ms of processor time: Node reads the whole map to answer it.
 */
const noQuestionForCallers: Plugin = {
  name: "no-question-for-callers",
  setup: (builder) => {
    builder.onLoad({ filter: /[\\/]pino[\\/]lib[\\/]caller\.js$/ }, () => ({
      contents: "module.exports = () => [];",
      loader: "js",
    }));
  },
};

export async function bundleFunction(name: FunctionName, outDir: string): Promise<Bundle> {
  const folder = join(outDir, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "index.mjs");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: file,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // The ESM build of the SDK's packages shakes; their CommonJS build, which `main` names, does not.
    mainFields: ["module", "main"],
    conditions: ["module"],
    minify: true,
    // An error is told by its name.
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    banner: { js: BANNER },
    plugins: [droppableShapes, connectionsOfUndici, noQuestionForCallers],
    logLevel: "warning",
  });
  const bytes = statSync(file).size;
  if (bytes > BUNDLE_LIMIT_BYTES)
    throw new Error(
      `the bundle of ${name} is ${bytes} bytes, more than ${BUNDLE_LIMIT_BYTES}: see what it holds with --metafile`,
    );
  return { folder, file, bytes, metafile };
}

/** Bytes of each package in a bundle, greatest first: where to look when it has grown. */
export function packagesIn(metafile: Metafile): readonly (readonly [name: string, bytes: number])[] {
  const sizes = new Map<string, number>();
  for (const output of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "our own code";
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  return [...sizes].sort(([, one], [, other]) => other - one);
}
