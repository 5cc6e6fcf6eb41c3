#!/usr/bin/env node
/**
 * Runs one command of this project on the right Node, with the dependencies that the lock file names.
 *
 *     node functions/local/run.mjs COMMAND [ARG ...]
 *
 * In: a command from `node_modules/.bin`, or a file that Node can run. Out: that command's exit code.
 * It installs (`npm ci`) when `node_modules` does not match the lock file, and puts the Node 24 that npm installed first
 * on PATH when the running Node is older. Plain JavaScript without imports from `node_modules`: it runs on Node 20,
 * before anything is installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants } from "node:os";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const stamp = join(root, "node_modules", ".installed-lock");
const requiredMajor = 24;

/** The text that changes whenever an installation would differ. */
function lockDigest() {
  return createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockDigest();
}

/** Installs the locked dependencies; says so, because it takes about a minute. */
function install() {
  process.stderr.write("Installing dependencies (npm ci, about a minute) ...\n");
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"].map((it, index) => (index === 1 ? process.stderr.fd : it)),
  });
  if (result.error !== undefined || result.status !== 0) {
    process.stderr.write(
      "npm ci failed. Check that npm is on PATH and that its registry is reachable, then run this again.\n",
    );
    process.exit(1);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lockDigest());
}

/** Folder of a Node of at least version 24 that npm installed for this platform; undefined when the running one serves. */
function newerNodeFolder() {
  if (Number(process.versions.node.split(".")[0]) >= requiredMajor) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    const folder = join(root, "node_modules", name, "bin");
    if (existsSync(join(folder, "node"))) return folder;
  }
  process.stderr.write(
    `Node ${requiredMajor} is needed and this is ${process.version}; npm has no Node ${requiredMajor} package for ${platform}. ` +
      `Install Node ${requiredMajor} and run this again.\n`,
  );
  process.exit(1);
}

if (!isInstalled()) install();
const nodeFolder = newerNodeFolder();
const path = [nodeFolder, join(root, "node_modules", ".bin"), process.env.PATH].filter(Boolean).join(delimiter);
const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write("usage: node functions/local/run.mjs COMMAND [ARG ...]\n");
  process.exit(64);
}
const isScript = /\.(ts|mjs|js)$/.test(command);
const child = spawn(isScript ? "node" : command, isScript ? [command, ...args] : args, {
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: path,
    npm_config_nodedir: nodeFolder === undefined ? undefined : dirname(nodeFolder),
    NODE_OPTIONS: [process.env.NODE_OPTIONS, "--disable-warning=ExperimentalWarning", command === "jest" ? "--experimental-vm-modules" : ""]
      .filter(Boolean)
      .join(" "),
  },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`cannot run ${command}: ${error.message}\n`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
});
