/**
 * `npm run release`: everything that a release consists of, into one folder, with its checksums. Publishes nothing.
 *
 *     npm run release [-- --check | --draft] [-- --out FOLDER]
 *
 * In: a clone. Out: the folder. Exit code 1 with a sentence for each thing that is not ready; `--check` only looks, `--draft`
 * makes it all the same, to see what it would be.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./bundle.ts";
import { makeRelease } from "./release/make-release.ts";
import { readRepository } from "./release/read-repository.ts";
import { releaseProblems } from "./release/release-problems.ts";

const usage = "usage: npm run release [-- --check | --draft] [--out FOLDER]";
const asked = readArguments();
if (asked === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 64;
} else {
  const repository = await readRepository(root);
  const problems = releaseProblems(repository);
  for (const problem of problems)
    process.stderr.write(`${asked.draft ? "draft" : "not ready"}: ${problem}\n`);
  if (problems.length > 0 && !asked.draft) {
    process.stderr.write(
      "Nothing was made. docs/releasing.md says how a release is made; -- --draft makes one anyway.\n",
    );
    process.exitCode = 1;
  } else if (!asked.check) {
    const folder = resolve(asked.out ?? join(root, "dist", "release", repository.version));
    for (const line of await makeRelease(repository, folder)) process.stdout.write(`${line}\n`);
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        check: { type: "boolean", default: false },
        draft: { type: "boolean", default: false },
        out: { type: "string" },
      },
    });
    return values.check && values.draft ? undefined : values;
  } catch {
    return undefined;
  }
}
