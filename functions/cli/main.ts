/** The process: arguments in, exit code out. Everything between is `runCli`. */
import process from "node:process";
import { readEnvironment } from "./input/environment.ts";
import { openTerminal } from "./output/terminal.ts";
import { runCli } from "./run-cli.ts";

// `hepctl plan | head`: whoever reads has enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const argv = process.argv.slice(2);
const environment = readEnvironment();
const code = await runCli(argv, openTerminal(environment, !argv.includes("--no-color")), environment);
// A black-holed connection must not keep the process alive; what was written is flushed first.
process.stdout.write("", () => {
  process.stderr.write("", () => process.exit(code));
});
