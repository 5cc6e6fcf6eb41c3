import { UsageError } from "../../../lib/model/errors.ts";
import type { GlobalOptions, LogLevel, OptionDefinition, OutputFormat } from "./command.ts";
import { parseDuration } from "../input/duration.ts";

/** What every command can print, and what only some can (`CommandDefinition.outputs`). */
const outputFormats: readonly OutputFormat[] = ["table", "json", "yaml"];
const specialFormats: readonly OutputFormat[] = ["markdown", "junit", "sarif"];
const logLevels: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];
const defaultTimeout = "5m";

/** Options that every command takes, before or after its name. */
export const globalOptions: readonly OptionDefinition[] = [
  {
    flags: "--kubeconfig <file>",
    description: "kubeconfig to use (default: $KUBECONFIG or ~/.kube/config, as kubectl does)",
  },
  { flags: "--context <name>", description: "context of the kubeconfig (default: its current-context)" },
  {
    flags: "--cluster <name>",
    description: "EKS cluster; endpoint and token come from AWS, no kubeconfig is read",
  },
  {
    flags: "--region <region>",
    description: "AWS region of that cluster (default: that of the settings, AWS_REGION, or the profile)",
  },
  {
    flags: "--profile <name>",
    description: "AWS profile: keys, SSO or a role, as the AWS SDK reads it (default: AWS_PROFILE)",
  },
  { flags: "--role-arn <arn>", description: "IAM role to assume for that cluster" },
  {
    flags: "--config <file>",
    description: "settings file, such as infra/clusters/prod.yaml (default: the defaults)",
  },
  {
    flags: "--force",
    description: "go on although --config is of another cluster than the one that is reached",
  },
  {
    flags: "-o, --output <format>",
    description: "how to print the result; markdown, junit and sarif are for impact (default: table)",
    choices: [...outputFormats, ...specialFormats],
  },
  {
    flags: "--log-level <level>",
    description: "how much to say on stderr; debug adds requests and stack traces",
    choices: logLevels,
  },
  {
    flags: "--timeout <duration>",
    description: `give up after this long (default: ${defaultTimeout}; with --every: for each round)`,
  },
  { flags: "--no-color", description: "no colour, also by NO_COLOR=1 (default: colour on a terminal only)" },
];

/** @throws UsageError when options contradict each other. */
export function readGlobalOptions(
  values: Record<string, unknown>,
  { outputs = [] }: { readonly outputs?: readonly OutputFormat[] } = {},
): GlobalOptions {
  const text = (name: string) => {
    const value = values[name];
    if (value === "") throw new UsageError(`--${kebabCase(name)} is empty; give it a value or leave it out`);
    return typeof value === "string" ? value : undefined;
  };
  const options: GlobalOptions = {
    output: readOutput(text("output") ?? "table", [...outputFormats, ...outputs]),
    timeoutMilliseconds: parseDuration(text("timeout") ?? defaultTimeout, "--timeout"),
    ...(values["force"] === true ? { force: true } : {}),
    ...present({
      kubeconfig: text("kubeconfig"),
      context: text("context"),
      cluster: text("cluster"),
      region: text("region"),
      profile: text("profile"),
      roleArn: text("roleArn"),
      config: text("config"),
      logLevel: logLevels.find((it) => it === values["logLevel"]),
    }),
  };
  refuseContradictions(options);
  return options;
}

function readOutput(wanted: string, possible: readonly OutputFormat[]): OutputFormat {
  const found = possible.find((it) => it === wanted);
  if (found !== undefined) return found;
  throw new UsageError(
    `-o ${wanted.slice(0, 40)} is no format of this command; it has ${possible.join(", ")}`,
  );
}

function refuseContradictions(options: GlobalOptions): void {
  if (options.cluster !== undefined && (options.kubeconfig !== undefined || options.context !== undefined))
    throw new UsageError("--cluster and --kubeconfig/--context name two clusters; give one of them");
}

function present<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
