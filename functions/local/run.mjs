#!/usr/bin/env node
/**
 * Runs one command of this project on the right Node, with the dependencies that the lock file names.
 *
 *     node functions/local/run.mjs COMMAND [ARG ...]
 *
 * In: a command from `node_modules/.bin`, or a file that Node can run. Out: that command's exit code.
 * It installs (`npm ci`) when `node_modules` does not hold what the lock file names, and puts a newer Node first on PATH when
 * the running one is too old.
 */
import { delimiter, dirname, join } from "node:path";
import { becomeProgram, ensureDependencies, nodeFolder, projectRoot } from "./install/bootstrap.mjs";

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write("usage: node functions/local/run.mjs COMMAND [ARG ...]\n");
  process.exit(64);
}
ensureDependencies();
const newerNode = nodeFolder();
const path = [newerNode, join(projectRoot, "node_modules", ".bin"), process.env.PATH]
  .filter(Boolean)
  .join(delimiter);
const isScript = /\.(ts|mjs|js)$/.test(command);
becomeProgram(isScript ? "node" : command, isScript ? [command, ...args] : args, {
  ...process.env,
  PATH: path,
  ...(newerNode === undefined ? {} : { npm_config_nodedir: dirname(newerNode) }),
  NODE_OPTIONS: [
    process.env.NODE_OPTIONS,
    "--disable-warning=ExperimentalWarning",
    command === "jest" ? "--experimental-vm-modules" : "",
  ]
    .filter(Boolean)
    .join(" "),
});
