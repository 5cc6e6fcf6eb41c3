/**
 * What every way into this project needs before anything is installed: the locked dependencies and a Node 24.
 *
 * Plain JavaScript without imports from `node_modules`: it runs on Node 20, on a fresh clone.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const stamp = join(projectRoot, "node_modules", ".installed-lock");
const requiredMajor = 24;

/** The text that changes whenever an installation would differ. */
function lockDigest() {
  return createHash("sha256")
    .update(readFileSync(join(projectRoot, "package-lock.json")))
    .digest("hex");
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockDigest();
}

/** Installs the locked dependencies unless they are there; says so on stderr, because it takes about a minute. */
export function ensureDependencies() {
  if (isInstalled()) return;
  process.stderr.write("Installing dependencies (npm ci, about a minute) ...\n");
  const clean = runNpm("ci");
  if (!clean.ok && !(isForeignPlatformsOnly(clean.complaint) && runNpm("install", "--no-save").ok)) {
    process.stderr.write(
      `${clean.complaint}npm ci failed. Check that npm is on PATH and that its registry is reachable, then run this again.\n`,
    );
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lockDigest());
}

function runNpm(...args) {
  const { error, status, stderr } = spawnSync(
    "npm",
    [...args, "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: projectRoot,
      stdio: ["ignore", process.stderr.fd, "pipe"],
      encoding: "utf8",
    },
  );
  return { ok: error === undefined && status === 0, complaint: stderr ?? "" };
}

/**
 * A registry that mirrors only some platforms lacks optional binaries of the others; `npm ci` then takes the lock file for
 * out of date («Missing: NAME@ from lock file», without a version). `npm install --no-save` takes the same locked versions
 * and leaves the lock file alone.
 */
function isForeignPlatformsOnly(complaint) {
  const differences = complaint.match(/(Missing|Invalid): .*/g) ?? [];
  return differences.length > 0 && differences.every((it) => /^Missing: \S+@ from lock file/.test(it));
}

/** True when the running Node can run this project itself. */
export function runsOnThisNode() {
  return Number(process.versions.node.split(".")[0]) >= requiredMajor;
}

/** Folder of the Node that npm installed for this platform; undefined when the running one serves. Ends the process when there is none. */
export function newerNodeFolder() {
  if (runsOnThisNode()) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    const folder = join(projectRoot, "node_modules", name, "bin");
    if (existsSync(join(folder, "node"))) return folder;
  }
  process.stderr.write(
    `Node ${requiredMajor} is needed and this is ${process.version}; npm has no Node ${requiredMajor} package for ${platform}. ` +
      `Install Node ${requiredMajor} and run this again.\n`,
  );
  process.exit(1);
}

/** Runs a program in place of this one: its streams, its signals, its exit code. */
export function becomeProgram(file, args, environment) {
  const child = spawn(file, args, { stdio: "inherit", env: environment });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`cannot run ${file}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
  });
}
