import type { Environment } from "../input/environment.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

/**
 * One command of `hepctl`: what its help says, and what it does. The definition itself must load nothing heavy:
 * `run` imports what it needs, so that `--help` and the other commands stay quick.
 */
export type CommandDefinition = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** A paragraph for the command's own help. */
  readonly description: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  /** Formats of `-o` that only this command has. */
  readonly outputs?: readonly OutputFormat[];
  readonly examples: readonly Example[];
  /** What the exit codes mean, beside those that every command has. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /** Left out of help and completion. */
  readonly hidden?: boolean;
  readonly run: (invocation: Invocation, context: CliContext) => Promise<ExitCode>;
};

export type ArgumentDefinition = {
  /** `<name>`, `[name]`, `<name...>` */
  readonly syntax: string;
  readonly description: string;
  readonly choices?: readonly string[];
};

export type OptionDefinition = {
  /** `--every <duration>` */
  readonly flags: string;
  readonly description: string;
  /** May be given more than once; all values count. */
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
};

export type Example = { readonly command: string; readonly does: string };

/** What was typed, parsed. */
export type Invocation = {
  readonly global: GlobalOptions;
  readonly arguments: readonly string[];
  /** `--yes` */
  flag(name: string): boolean;
  /** Value of `--every 60s`. */
  text(name: string): string | undefined;
  /** Values of a repeatable option, sorted, without repeats. */
  list(name: string): readonly string[];
};

export type OutputFormat = "table" | "json" | "yaml" | "markdown" | "junit" | "sarif";
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export type GlobalOptions = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  /** Go on although the settings are for another cluster than the one reached. */
  readonly force?: true;
  /** Path of the settings file. */
  readonly config?: string;
  readonly output: OutputFormat;
  /** Undefined: as the settings say. */
  readonly logLevel?: LogLevel;
  readonly timeoutMilliseconds: number;
};

/** What the process around a command offers. */
export type CliContext = {
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** The definitions of all commands, for completion. */
  readonly commands: readonly CommandDefinition[];
};
