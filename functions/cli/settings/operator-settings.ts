/**
 * The environment variables of hostendpoint-operator -> settings, so that its users move over without a new file.
 *
 * In: the variables, not empty. Out: values that count where the settings file is silent, and notes for the person.
 * Must never happen: a variable that is wrong and ignored.
 */
import { UsageError } from "../../../lib/model/errors.ts";
import type { LogLevel } from "../arguments/command.ts";
import type { OperatorVariables } from "../input/environment.ts";
import { translateRegex } from "./translate-regex.ts";

export type OperatorSettings = {
  readonly id?: string;
  readonly logLevel?: LogLevel;
  readonly include?: string;
  readonly exclude?: string;
  readonly intervalMilliseconds?: number;
  readonly notes: readonly string[];
};

const leastSeconds = 10;
const longestId = 40;
/** Python's names besides ours. */
const logLevels: Readonly<Record<string, LogLevel>> = {
  TRACE: "trace",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** @throws UsageError that names the variable. */
export function readOperatorSettings(variables: OperatorVariables): OperatorSettings {
  const {
    LOG_LEVEL,
    SCAN_INTERVAL_SECONDS,
    OPERATOR_ID,
    CALICO_API_GROUP,
    CALICO_API_VERSION,
    CALICO_PLURAL,
  } = variables;
  const include = readRegex("NODE_LABELS_INCLUDE_REGEX", variables);
  const exclude = readRegex("NODE_LABELS_EXCLUDE_REGEX", variables);
  const id = OPERATOR_ID === undefined ? undefined : readId(OPERATOR_ID);
  return {
    ...(id === undefined ? {} : { id }),
    ...(LOG_LEVEL === undefined ? {} : { logLevel: readLogLevel(LOG_LEVEL) }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(SCAN_INTERVAL_SECONDS === undefined
      ? {}
      : { intervalMilliseconds: readInterval(SCAN_INTERVAL_SECONDS) }),
    notes: [
      ...(id === undefined || id === OPERATOR_ID
        ? []
        : [`OPERATOR_ID "${OPERATOR_ID ?? ""}" cannot be the value of a label; the owner is "${id}"`]),
      ...(CALICO_API_GROUP === undefined ? [] : ["CALICO_API_GROUP is ignored: the API group is discovered"]),
      ...(CALICO_API_VERSION === undefined
        ? []
        : ["CALICO_API_VERSION is ignored: the version is discovered"]),
      ...(CALICO_PLURAL === undefined ? [] : ["CALICO_PLURAL is ignored: it can have no other value"]),
    ],
  };
}

function readLogLevel(text: string): LogLevel {
  const level = logLevels[text.toUpperCase()];
  if (level !== undefined) return level;
  throw new UsageError(`LOG_LEVEL is "${text}"; it must be one of ${Object.keys(logLevels).join(", ")}`);
}

function readInterval(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= leastSeconds) return Number(text) * 1000;
  throw new UsageError(
    `SCAN_INTERVAL_SECONDS is "${text}"; it must be a whole number of seconds, at least ${leastSeconds}`,
  );
}

/** What an id may not hold becomes a dash: hostendpoint-operator's own default has a slash. */
function readId(text: string): string {
  const id = text
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, longestId)
    .replace(/^-+|-+$/g, "");
  if (id !== "") return id;
  throw new UsageError(`OPERATOR_ID is "${text}"; it must hold a letter or a digit`);
}

function readRegex(
  name: "NODE_LABELS_INCLUDE_REGEX" | "NODE_LABELS_EXCLUDE_REGEX",
  variables: OperatorVariables,
): string | undefined {
  const text = variables[name];
  if (text === undefined) return undefined;
  const translated = translateRegex(text);
  try {
    new RegExp(translated, "u");
    return translated;
  } catch (error) {
    throw new UsageError(
      `${name} is no regular expression that works here: ${error instanceof Error ? error.message : text}`,
    );
  }
}
