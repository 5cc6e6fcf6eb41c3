/**
 * Writes lib/policy/validation/schemas/structural-schemas.json anew.
 *
 *     node functions/local/run.mjs functions/local/write-schemas.ts STATE=FOLDER ...
 *
 * In: a folder of definitions for each state, as condense-crds.ts wants them. Out: the path of the file.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { condenseDefinitions } from "./condense-crds.ts";

const folders: Record<string, string> = {};
for (const argument of process.argv.slice(2)) {
  const [state = "", folder = ""] = argument.split("=", 2);
  folders[state] = folder;
}
const target = fileURLToPath(
  new URL("../../lib/policy/validation/schemas/structural-schemas.json", import.meta.url),
);
writeFileSync(target, `${JSON.stringify(condenseDefinitions(folders))}\n`);
process.stdout.write(`${target}\n`);
