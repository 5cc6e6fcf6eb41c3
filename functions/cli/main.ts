/** The process: arguments in, exit code out. Everything between is `runCli`. */
import process from "node:process";
import { EXIT } from "./exit-codes.ts";
import { readEnvironment } from "./input/environment.ts";
import { openTerminal } from "./output/terminal.ts";
import { runCli } from "./run-cli.ts";

// `hepctl plan | head`: whoever reads has enough. A full disk is a failure: whoever reads later has half a result.
let unwritten: Error | undefined;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  unwritten ??= error;
});
// Nobody is left to be told.
process.stderr.on("error", () => {});

const argv = process.argv.slice(2);
const environment = readEnvironment();
const code = await runCli(argv, openTerminal(environment, !argv.includes("--no-color")), environment);
// A black-holed connection must not keep the process alive; what was written is flushed first.
process.stdout.write("", (problem) => {
  setImmediate(() => {
    const lost = unwritten ?? problem ?? undefined;
    if (lost !== undefined)
      process.stderr.write(`hepctl: the result cannot be written to stdout: ${lost.message}\n`);
    process.stderr.write("", () =>
      process.exit(lost === undefined ? code : code === EXIT.ok ? EXIT.failed : code),
    );
  });
});
