/**
 * Command-line arguments -> which command with what, or one line that says what is wrong with them.
 *
 * In: the definitions and `argv`. Out: the command and its `Invocation`, or help that was asked for.
 * Must never happen: two lines for one mistake, or an unknown option that is ignored.
 */
import { Argument, Command, CommanderError, Option } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { UsageError } from "../../../lib/model/errors.ts";
import type { CommandDefinition, Invocation } from "./command.ts";
import { globalOptions, readGlobalOptions } from "./global-options.ts";

export type ParsedArguments =
  | { readonly kind: "command"; readonly command: CommandDefinition; readonly invocation: Invocation }
  /** Help or version, already written. */
  | { readonly kind: "answered" };

export type HelpSink = {
  readonly write: (text: string) => void;
  readonly width: number;
  readonly isTerminal: boolean;
};

/** @throws UsageError with one line. */
export function parseArguments(
  definitions: readonly CommandDefinition[],
  argv: readonly string[],
  sink: HelpSink,
): ParsedArguments {
  let parsed: ParsedArguments = { kind: "answered" };
  const program = buildProgram(definitions, sink, (command, invocation) => {
    parsed = { kind: "command", command, invocation };
  });
  try {
    // Alone it is a question.
    program.parse(argv.length === 0 ? ["--help"] : argv, { from: "user" });
    return parsed;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "answered" };
    throw new UsageError(oneLine(error, definitions, argv));
  }
}

/** The commander program; exported for shell completion, which walks it. */
export function buildProgram(
  definitions: readonly CommandDefinition[],
  sink: HelpSink,
  onCommand: (command: CommandDefinition, invocation: Invocation) => void,
): Command {
  const program = prepare(new Command("hepctl"), sink)
    .description(
      "Keeps a Calico HostEndpoint for every node of a cluster, and never locks a node out.\n" +
        "Finds the cluster as kubectl does, or by --cluster and --region on EKS.",
    )
    .version(packageJson.version, "--version", "print the version")
    .helpCommand("help [command]", "display help for a command")
    .addHelpText("after", generalNotes);
  for (const option of globalOptions) program.addOption(toOption(option));
  for (const definition of definitions)
    program.addCommand(toCommand(definition, program, sink, onCommand), {
      hidden: definition.hidden === true,
    });
  return program;
}

function toCommand(
  definition: CommandDefinition,
  program: Command,
  sink: HelpSink,
  onCommand: (command: CommandDefinition, invocation: Invocation) => void,
): Command {
  const command = prepare(new Command(definition.name), sink)
    .summary(definition.summary)
    .description(definition.description)
    .addHelpText("after", notes(definition));
  for (const it of definition.arguments ?? []) {
    const argument = new Argument(it.syntax, it.description);
    command.addArgument(it.choices === undefined ? argument : argument.choices([...it.choices]));
  }
  for (const it of definition.options ?? []) command.addOption(toOption(it));
  command.action(() => {
    onCommand(definition, readInvocation(definition, command, program));
  });
  return command;
}

function prepare(command: Command, sink: HelpSink): Command {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: sink.write,
      writeErr: () => {},
      getOutHelpWidth: () => (Number.isFinite(sink.width) ? sink.width : 120),
      getOutHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError(true);
}

function toOption(definition: NonNullable<CommandDefinition["options"]>[number]): Option {
  const option = new Option(definition.flags, definition.description);
  if (definition.choices !== undefined) option.choices([...definition.choices]);
  if (definition.repeatable === true)
    option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
  return option;
}

function readInvocation(definition: CommandDefinition, command: Command, program: Command): Invocation {
  const options = new Map(Object.entries(command.opts<Record<string, unknown>>()));
  const valueOf = (name: string) => options.get(camelCase(name));
  return {
    global: readGlobalOptions(program.opts(), definition),
    arguments: command.args,
    flag: (name) => valueOf(name) === true,
    text: (name) => {
      const value = valueOf(name);
      return typeof value === "string" ? value : undefined;
    },
    list: (name) => {
      const value = valueOf(name);
      const given = Array.isArray(value) ? value.filter((it) => typeof it === "string") : [];
      // In the order in which they were given, for it may decide; of one that came twice the last place counts.
      return [...new Set(given.reverse())].reverse();
    },
  };
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `error: unknown option '--nod'\n(Did you mean --node?)` -> `unknown option '--nod' (Did you mean --node?); run "…" for …` */
function oneLine(
  error: CommanderError,
  definitions: readonly CommandDefinition[],
  argv: readonly string[],
): string {
  const text = error.message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  const command = definitions.find((it) => argv.includes(it.name));
  const help = command === undefined ? "hepctl --help" : `hepctl ${command.name} --help`;
  return `${text}; run "${help}" for what it takes`;
}

function notes(definition: CommandDefinition): string {
  const codes = {
    0: "done",
    ...definition.exitCodes,
    1: definition.exitCodes?.[1] ?? "could not be done",
    64: "bad usage or settings",
  };
  return [
    "",
    "Examples:",
    ...definition.examples.flatMap(({ command, does }) => [`  # ${does}`, `  ${command}`, ""]),
    `Exit codes: ${Object.entries(codes)
      .map(([code, meaning]) => `${code} ${meaning}`)
      .join(", ")}.`,
  ].join("\n");
}

const generalNotes = [
  "",
  "Examples:",
  "  # What would change, without changing anything",
  "  hepctl plan",
  "",
  "  # The same on EKS without kubectl or a kubeconfig",
  "  hepctl plan --cluster prod --region eu-west-1",
  "",
  "  # Protect every node, and keep doing so",
  "  hepctl reconcile --every 60s",
  "",
  "  # Completion for this shell",
  "  source <(hepctl completion bash)",
  "",
  'Run "hepctl COMMAND --help" for options and examples of one command.',
].join("\n");
