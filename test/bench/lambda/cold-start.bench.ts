/**
 * Cold start of the bundled function under the real Lambda runtime, against a bare handler that imports KubeConfig, bundled
 * in the same way: from the start of the process to its first question for an invocation. The median of several, in turn.
 */
import { build } from "esbuild";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction } from "../../../functions/local/bundle.ts";
import { startFunction } from "../../end-to-end/lambda-runtime/start-function.ts";
import { report } from "../bench-row.ts";

const ROUNDS = 7;

const folder = mkdtempSync(join(tmpdir(), "cold-start-"));
try {
  const ours = (await bundleFunction("reconcile", join(folder, "reconcile"))).file;
  const bare = await bundleBare(join(folder, "bare"));
  const seen = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    seen.ours.push(await initMilliseconds(ours));
    seen.bare.push(await initMilliseconds(bare));
  }
  const [a, b] = [median(seen.ours), median(seen.bare)];
  report({
    work: "cold start, to a bare handler that imports KubeConfig",
    measured: `${(a / b).toFixed(2)} (${a.toFixed(0)} ms to ${b.toFixed(0)} ms)`,
    bound: "at most 1.5",
    kept: a / b <= 1.5,
  });
  const megabytes = statSync(ours).size / 1e6;
  report({
    work: "bundle of the reconciling function",
    measured: `${megabytes.toFixed(2)} MB`,
    bound: "at most 1.75 MB",
    kept: megabytes <= 1.75,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function initMilliseconds(bundle: string): Promise<number> {
  const running = await startFunction({
    name: "bench",
    bundle,
    settings: { cluster: { name: "bench", region: "eu-west-1", account: "111122223333" } },
    environment: {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
    },
  });
  await running.stop();
  return running.initMilliseconds;
}

/** The least that a function of this kind could be: it loads the client library's KubeConfig and answers. */
async function bundleBare(target: string): Promise<string> {
  const entry = join(folder, "bare.ts");
  const library = join(
    import.meta.dirname,
    "..",
    "..",
    "..",
    "node_modules",
    "@kubernetes",
    "client-node",
    "dist",
    "index.js",
  );
  writeFileSync(
    entry,
    `import { KubeConfig } from ${JSON.stringify(library)};\nexport const handler = async () => new KubeConfig().getContexts();\n`,
  );
  const outfile = join(target, "index.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: "node",
    target: "node24",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  return outfile;
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;
}
