import type { CliContext } from "../arguments/command.ts";
import { completionScripts } from "./completion-scripts.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { suggest } from "../arguments/suggest.ts";

/** Prints the completion script of a shell; the shell was checked before. */
export function printCompletion(shell: string, { terminal }: CliContext): ExitCode {
  terminal.out.write(completionScripts.get(shell) ?? "");
  return EXIT.ok;
}

/** The protocol of the scripts: `value<TAB>description` lines, then a directive. */
export function printSuggestions(words: readonly string[], { terminal, commands }: CliContext): ExitCode {
  const { suggestions, files } = suggest(words, commands);
  for (const { value, description } of suggestions) terminal.out.write(`${value}\t${description}\n`);
  terminal.out.write(`:${files ? completesFiles : completesNoFiles}\n`);
  return EXIT.ok;
}

const completesFiles = 0;
const completesNoFiles = 4;
