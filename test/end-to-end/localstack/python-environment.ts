import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cachedPart } from "../parts/cached-part.ts";
import { runToEnd } from "../parts/run-to-end.ts";
import { locatePython } from "./locate-python.ts";

/**
 * A virtual environment that holds exactly what a requirements file names. Answers its `python`. Programs in it are run by
 * `python -m`: the scripts in `bin` know the folder in which they were made.
 */
export async function pythonEnvironment(name: string, what: string, requirements: string): Promise<string> {
  const python = await locatePython();
  const folder = await cachedPart({
    name,
    ingredients: [readFileSync(requirements, "utf8"), python.version, process.platform, process.arch],
    what,
    make: async (draft) => {
      await runToEnd(python.file, ["-m", "venv", draft], { workingFolder: draft });
      const pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "-r",
        requirements,
      ];
      await runToEnd(join(draft, "bin", "python"), pip, { workingFolder: draft });
    },
  });
  return join(folder, "bin", "python");
}
