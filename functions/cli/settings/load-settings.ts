/**
 * Settings of this call: the file wins over the environment, the environment over the defaults.
 *
 * In: `--config` and the environment. Out: `Settings`, or one line with every problem of the file.
 */
import { readFile } from "node:fs/promises";
import packageJson from "../../../package.json" with { type: "json" };
import type { SettingsOrigin } from "../../../lib/config/fingerprint.ts";
import { parseSettings, type Settings } from "../../../lib/config/settings.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import type { GlobalOptions, LogLevel } from "../arguments/command.ts";
import type { Environment } from "../input/environment.ts";
import { readOperatorSettings, type OperatorSettings } from "./operator-settings.ts";
import { isJsonObject } from "../../../lib/model/read-json.ts";

export type LoadedSettings = {
  readonly settings: Settings;
  /** What endpoints that this call writes are signed with. */
  readonly origin: SettingsOrigin;
  /** Without a file, what a file made is not undone. */
  readonly othersSettings: { readonly othersSettings?: "refuse" };
  readonly logLevel: LogLevel;
  /** What a loop waits between two rounds when `--every` does not say. */
  readonly intervalMilliseconds: number;
  /** For stderr. */
  readonly notes: readonly string[];
};

/** Settings of a large fleet have some thousands. */
const MOST_CHARACTERS = 1_000_000;

const defaultIntervalMilliseconds = 60_000;
const unitMilliseconds: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** @throws UsageError when the file or a variable is wrong. */
export async function loadSettings(global: GlobalOptions, environment: Environment): Promise<LoadedSettings> {
  const operator = readOperatorSettings(environment.operator);
  const file = global.config === undefined ? {} : await readSettingsFile(global.config);
  const result = parseSettings(withOperator(file, operator), checkSelector);
  if (!result.ok) throw new UsageError(`${global.config ?? "settings"}: ${result.problems.join("; ")}`);
  const { settings } = result;
  return {
    settings,
    origin: { version: packageJson.version, file: global.config ?? "" },
    othersSettings: global.config === undefined ? { othersSettings: "refuse" } : {},
    logLevel: global.logLevel ?? settings.logLevel,
    intervalMilliseconds:
      (hasKey(file, "schedule") ? intervalOf(settings.schedule) : undefined) ??
      operator.intervalMilliseconds ??
      defaultIntervalMilliseconds,
    notes: operator.notes,
  };
}

async function readSettingsFile(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const what =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : `it cannot be read (${code})`;
    throw new UsageError(`--config ${path}: ${what}`, { cause });
  });
  if (text.length > MOST_CHARACTERS)
    throw new UsageError(
      `--config ${path}: it has ${text.length} characters, settings at most ${MOST_CHARACTERS}`,
    );
  const { parseDocument } = await import("../output/yaml-text.ts");
  const document = parseDocument(text, { prettyErrors: false });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const before = text.slice(0, problem.pos[0]).split("\n");
    throw new UsageError(
      `${path}:${before.length}:${(before.at(-1) ?? "").length + 1}: ${problem.message.replace(/\s+/g, " ")}`,
    );
  }
  try {
    return document.toJS() ?? {};
  } catch (cause) {
    // An alias of nothing, or so many that they multiply.
    const what = cause instanceof Error ? cause.message.replace(/\s+/g, " ") : "it cannot be read";
    throw new UsageError(`--config ${path}: ${what}; write the values out`, { cause });
  }
}

/** Fills in what the file does not say. A file that is no map is left for the schema to refuse. */
function withOperator(file: unknown, operator: OperatorSettings): unknown {
  if (!isJsonObject(file)) return file;
  const labels = {
    ...(operator.include === undefined ? {} : { include: [operator.include] }),
    ...(operator.exclude === undefined ? {} : { exclude: [operator.exclude] }),
  };
  const endpoints = file["endpoints"] ?? [{}];
  return {
    ...(operator.id === undefined ? {} : { id: operator.id }),
    ...(operator.logLevel === undefined ? {} : { logLevel: operator.logLevel }),
    ...file,
    ...(Object.keys(labels).length === 0 || !Array.isArray(endpoints)
      ? {}
      : { endpoints: endpoints.map((it: unknown) => withLabels(it, labels)) }),
  };
}

function withLabels(template: unknown, labels: Readonly<Record<string, unknown>>): unknown {
  if (!isJsonObject(template)) return template;
  const own = template["labels"] ?? {};
  return isJsonObject(own) ? { ...template, labels: { ...labels, ...own } } : template;
}

/** `rate(5 minutes)`; a cron expression says nothing about a loop. */
function intervalOf(schedule: string): number | undefined {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule);
  return match === null ? undefined : Number(match[1]) * (unitMilliseconds[match[2] ?? ""] ?? 0);
}

function hasKey(value: unknown, key: string): boolean {
  return isJsonObject(value) && key in value;
}
