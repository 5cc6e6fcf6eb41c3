import { parseFailsafeString, type FailsafeDirection, type ParsedFailsafes } from "./parse-failsafes.ts";

/** Where a failsafe setting can come from, strongest first. Source: docs/calico.md 11 ("Config resolution"). */
export const FAILSAFE_SOURCES = ["env", "file", "node", "selector", "global"] as const;
export type FailsafeSource = (typeof FAILSAFE_SOURCES)[number];

/**
 * The list in force when several sources set it (each in Felix's string form). The strongest non-empty one wins whole; a
 * value that cannot be parsed is fatal even when a stronger source overrides it (docs/calico.md 0 item 4).
 */
export function resolveFailsafes(
  sources: Readonly<Partial<Record<FailsafeSource, string>>>,
): ParsedFailsafes {
  const parsed = FAILSAFE_SOURCES.map((source) => parseFailsafeString(sources[source] ?? ""));
  const broken = parsed.find((result) => result.kind !== "default" && result.kind !== "list");
  return broken ?? parsed.find((result) => result.kind === "list") ?? { kind: "default" };
}

/**
 * The setting in Felix's configuration file, `Name = value`: names in any case, quotes stripped, an empty value ignored.
 * `undefined` when the file does not set it.
 */
export function failsafesOfFile(text: string, direction: FailsafeDirection): string | undefined {
  return settingOf(
    text.split("\n").map((line) => splitOnce(line)),
    fieldName(direction),
  );
}

function fieldName(direction: FailsafeDirection): string {
  return `failsafe${direction}hostports`;
}

function splitOnce(line: string): [string, string] {
  const equals = line.indexOf("=");
  return equals < 0 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)];
}

function settingOf(pairs: readonly (readonly [string, string])[], name: string): string | undefined {
  const found = pairs.find(([key]) => key.trim().toLowerCase() === name);
  const value = found?.[1].trim().replace(/^(["'])(.*)\1$/, "$2");
  return value === "" ? undefined : value;
}
