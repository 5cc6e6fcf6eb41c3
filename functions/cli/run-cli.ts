/**
 * One call of `hepctl`: finds the command, runs it, and turns whatever goes wrong into one line and an exit code.
 * Must never happen: a stack trace that nobody asked for, or an error on stdout.
 */
import { GatewayError, UsageError } from "../../lib/model/errors.ts";
import type { CommandDefinition } from "./arguments/command.ts";
import { commands as allCommands } from "./commands/registry.ts";
import { DeclinedError } from "./input/confirm.ts";
import type { Environment } from "./input/environment.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { InterruptedError } from "./input/interruption.ts";
import type { Terminal } from "./output/terminal.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";

export async function runCli(
  argv: readonly string[],
  terminal: Terminal,
  environment: Environment,
  commands: readonly CommandDefinition[] = allCommands,
): Promise<ExitCode> {
  let name = "hepctl";
  try {
    const parsed = parseArguments(commands, argv, terminal.out);
    if (parsed.kind === "answered") return EXIT.ok;
    name = `hepctl ${parsed.command.name}`;
    return await parsed.command.run(parsed.invocation, { terminal, environment, commands });
  } catch (error) {
    const { red } = terminal.err.colors;
    terminal.err.write(`${red(`${name}:`)} ${oneLine(error)}\n`);
    if (wantsTrace(argv)) terminal.err.write(`${trace(error)}\n`);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof GatewayError || error instanceof DeclinedError) return EXIT.failed;
  return EXIT.internal;
}

function oneLine(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
  if (exitCodeOf(error) !== EXIT.internal) return message;
  return `internal error: ${message}; run it again with "--log-level debug" and report what it prints`;
}

function wantsTrace(argv: readonly string[]): boolean {
  return argv.some(
    (it, index) =>
      /^--log-level=(debug|trace)$/.test(it) ||
      (it === "--log-level" && /^(debug|trace)$/.test(argv[index + 1] ?? "")),
  );
}

function trace(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nCaused by: ${trace(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
