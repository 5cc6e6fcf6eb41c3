/**
 * The settings of a function: baked into its asset (`settings.json` beside the bundle, or where `SETTINGS_FILE` says), or in its
 * environment (`SETTINGS`, JSON) where its code is a release's zip, which is everybody's. The environment has room for 4 KB.
 *
 * @throws UsageError with every problem at once.
 */
import { readFileSync } from "node:fs";
import { parseSettings, type Settings } from "../../lib/config/settings.ts";
import { UsageError } from "../../lib/model/errors.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";

/** Settings of a function: it serves exactly one cluster. */
export type FunctionSettings = Settings & { readonly cluster: NonNullable<Settings["cluster"]> };

export type SettingsSource = { readonly file: string | URL } | { readonly text: string };

export function readSettings(source: SettingsSource): FunctionSettings {
  const where = "file" in source ? String(source.file) : "the variable SETTINGS";
  const result = parseSettings(readJson(source, where), checkSelector);
  if (!result.ok) throw new UsageError(`the settings in ${where} are wrong: ${result.problems.join("; ")}`);
  const { cluster } = result.settings;
  if (cluster === undefined)
    throw new UsageError(`the settings in ${where} name no cluster: add cluster: {name, region, account}`);
  return { ...result.settings, cluster };
}

function readJson(source: SettingsSource, where: string): unknown {
  try {
    return JSON.parse("file" in source ? readFileSync(source.file, "utf8") : source.text);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`the settings in ${where} cannot be read: ${what}`, { cause });
  }
}
