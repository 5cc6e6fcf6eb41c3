/**
 * `npm run check`: types, lint, fences, format, unused code, CloudFormation templates and IAM policies. Runs them all, says which failed, exits 1 when one did.
 */
import { spawnSync } from "node:child_process";

const CHECKS = [
  ["types", "tsc", ["-p", "."]],
  ["lint", "eslint", ["."]],
  ["fences", "depcruise", ["lib", "functions", "infra", "--output-type", "err"]],
  ["format", "prettier", ["--check", "--log-level", "warn", "."]],
  ["unused code", "knip", []],
  // What only tests call is a twin of what the product runs, or nobody needs it.
  ["code for tests only", "knip", ["--production"]],
  ["templates", "node", ["functions/local/lint/lint-templates.ts"]],
];

const failed = CHECKS.filter(([name, command, args]) => {
  const started = Date.now();
  const result = spawnSync(command, args, { stdio: "inherit" });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const ok = result.status === 0;
  console.error(
    `${ok ? "ok  " : "FAIL"} ${name} (${seconds} s)${result.error ? `: ${result.error.message}` : ""}`,
  );
  return !ok;
}).map(([name]) => name);

if (failed.length > 0) {
  console.error(`npm run check: ${failed.join(", ")} failed; the complaints are above.`);
  process.exitCode = 1;
}
