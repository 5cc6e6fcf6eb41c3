/**
 * What every way into this project needs before anything is installed: the locked dependencies and a Node that runs it.
 *
 * Plain JavaScript without imports from `node_modules`: it runs on Node 20, on a fresh clone.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lockProblems, notInstalled } from "./lock-file.mjs";
import { newerNodeFolder } from "./node-release.mjs";

/** The folder of package.json. */
export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

const MOST_PROBLEMS_SHOWN = 10;

/**
 * Installs the locked dependencies unless they are there, whoever installed them; says so on stderr, because it takes about a
 * minute. Ends the process with one sentence when they cannot be had.
 */
export function ensureDependencies() {
  const lock = readJson("package-lock.json");
  const problems = lockProblems(readJson("package.json"), lock);
  if (problems.length > 0) fail(doesNotMatch(problems));
  if (isInstalled(lock)) return;
  process.stderr.write("Installing dependencies (npm ci, about a minute) ...\n");
  if (runNpm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], process.stderr.fd)) return;
  fail(
    registryAnswers(lock)
      ? "npm ci failed, although the lock file matches package.json and npm's registry answers: npm's own words stand above."
      : `npm ci failed: npm's registry was not reached (npm config get registry: ${registry()}). Check npm, the network and the proxy, then run this again.`,
  );
}

function doesNotMatch(problems) {
  const shown = problems.slice(0, MOST_PROBLEMS_SHOWN).map((it) => `  ${it}`);
  const more =
    problems.length > MOST_PROBLEMS_SHOWN ? [`  and ${problems.length - MOST_PROBLEMS_SHOWN} more`] : [];
  return [
    "package-lock.json does not match package.json, so nothing was installed:",
    ...shown,
    ...more,
    "Take both files from the repository, or run npm install --package-lock-only and commit them together.",
  ].join("\n");
}

/** By npm's own record and by the folders themselves: an installation that was made by hand counts, one that was cut off does not. */
function isInstalled(lock) {
  let installed;
  try {
    installed = readJson("node_modules/.package-lock.json");
  } catch {
    return false;
  }
  return (
    notInstalled(lock, installed).length === 0 &&
    Object.keys(installed.packages ?? {}).every((path) => existsSync(join(projectRoot, path, "package.json")))
  );
}

/** Asks for a package that the lock file names: what no registry can lack. */
function registryAnswers(lock) {
  const [path, { version }] = Object.entries(lock.packages).find(([it]) => it.startsWith("node_modules/"));
  const name = path.slice("node_modules/".length);
  return runNpm(["view", `${name}@${version}`, "version", "--prefer-online", "--fetch-retries=0"], "ignore");
}

function registry() {
  const { stdout } = spawnSync("npm", ["config", "get", "registry"], { cwd: projectRoot, encoding: "utf8" });
  return stdout?.trim() || "npm did not say";
}

function runNpm(args, output) {
  const { status } = spawnSync("npm", args, { cwd: projectRoot, stdio: ["ignore", output, output] });
  return status === 0;
}

function readJson(file) {
  return JSON.parse(readFileSync(join(projectRoot, file), "utf8"));
}

/** Folder of the Node to run with; undefined when the running one serves. Ends the process with one sentence when there is none. */
export function nodeFolder() {
  try {
    return newerNodeFolder();
  } catch (error) {
    return fail(error.message);
  }
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Runs a program in place of this one: its streams, its signals, its exit code. */
export function becomeProgram(file, args, environment) {
  const child = spawn(file, args, { stdio: "inherit", env: environment });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`cannot run ${file}: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
  });
}
