/** Runs the steps as one person at one terminal does: one shell, from the top, until something fails. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { Step } from "./document.ts";
import { makeKubectlFolder } from "./kubectl-on-path.ts";

/** What a step printed, on both of its streams; undefined when it was not reached. */
export type StepResult = { readonly ended: "well" | "badly"; readonly printed: string } | undefined;

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..", "..");

/** `.` and not a shell for each: variables and functions of one step are there in the next, as at a terminal. */
const driver = `
set -euo pipefail
for step in "$STEPS"/*.sh; do
  . "$step" > "\${step%.sh}.printed" 2>&1
  touch "\${step%.sh}.well"
done
`;

/** @param kubeconfig of the administrator who follows the workshop */
export async function runSteps(steps: readonly Step[], kubeconfig: string): Promise<readonly StepResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "workshop-"));
  try {
    const bin = await makeKubectlFolder(folder);
    const files = steps.map((_, index) => join(folder, `step-${String(index).padStart(3, "0")}`));
    await Promise.all(steps.map(({ commands }, index) => writeFile(`${files[index]}.sh`, `${commands}\n`)));
    const environment = {
      // The Node of the tests first: npm starts `node` by its name.
      PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
      // Nothing of the person who runs the tests: no kubeconfig, no AWS profile, no npm settings.
      HOME: folder,
      TMPDIR: folder,
      NO_COLOR: "1",
      KUBECONFIG: kubeconfig,
      STEPS: folder,
    };
    // How it ends is read from the files: they say which step it was.
    await run("bash", ["-c", driver], { cwd: root, env: environment, timeout: 280_000 }).catch(() => {});
    return await Promise.all(files.map(resultOf));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function resultOf(file: string): Promise<StepResult> {
  const [printed, well] = await Promise.all([textOf(`${file}.printed`), textOf(`${file}.well`)]);
  return printed === undefined ? undefined : { ended: well === undefined ? "badly" : "well", printed };
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
