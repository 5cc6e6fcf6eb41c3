/**
 * Part of `npm run check`: cfn-lint over the template of every variant of the settings, and parliament over each of its IAM policies.
 *
 * In: nothing. Out: exit code 1 with every finding. Both linters come from PyPI into the cache, once; where there is no Python for them
 * the check is skipped visibly, and fails with CI=true.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonEnvironment } from "../../../test/end-to-end/localstack/python-environment.ts";
import { runToEnd } from "../../../test/end-to-end/parts/run-to-end.ts";
import { aTemplate } from "../../../test/infra/a-stack.ts";
import { VARIANTS } from "../../../test/infra/variants.ts";

/** CDK lets whatever has a role wait for the role's policy too; that the role alone is implied is no fault. */
const IGNORED = ["--ignore-checks", "W3005"];

async function lint(folder: string): Promise<void> {
  const python = await pythonEnvironment(
    "cfn-lint",
    "Installing cfn-lint and parliament: needed once, about a minute",
    join(import.meta.dirname, "requirements.txt"),
  );
  const files = Object.entries(VARIANTS).map(([name, settings]) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(aTemplate(settings).toJSON()));
    return file;
  });
  const place = { workingFolder: folder };
  await runToEnd(
    python,
    ["-c", "from cfnlint.runner import main; main()", ...IGNORED, "--", ...files],
    place,
  );
  await runToEnd(python, ["-W", "ignore", join(import.meta.dirname, "policies.py"), ...files], place);
  process.stderr.write(`${files.length} templates: ${Object.keys(VARIANTS).join(", ")}\n`);
}

const folder = mkdtempSync(join(tmpdir(), "lint-templates-"));
try {
  await lint(folder);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const isMissing = message.startsWith("There is no Python") && process.env["CI"] !== "true";
  process.stderr.write(isMissing ? `SKIPPED: ${message}\n` : `${message}\n`);
  process.exitCode = isMissing ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
