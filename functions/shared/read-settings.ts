/**
 * The settings that were baked into the function's asset: `settings.json` beside the bundle, or where `SETTINGS_FILE` says.
 *
 * @throws UsageError with every problem at once.
 */
import { readFileSync } from "node:fs";
import { parseSettings, type Settings } from "../../lib/config/settings.ts";
import { UsageError } from "../../lib/model/errors.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";

/** Settings of a function: it serves exactly one cluster. */
export type FunctionSettings = Settings & { readonly cluster: NonNullable<Settings["cluster"]> };

export function readSettings(file: string | URL): FunctionSettings {
  const result = parseSettings(readJson(file), checkSelector);
  if (!result.ok)
    throw new UsageError(`the settings in ${String(file)} are wrong: ${result.problems.join("; ")}`);
  const { cluster } = result.settings;
  if (cluster === undefined)
    throw new UsageError(
      `the settings in ${String(file)} name no cluster: add cluster: {name, region, account}`,
    );
  return { ...result.settings, cluster };
}

function readJson(file: string | URL): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`the settings in ${String(file)} cannot be read: ${what}`, { cause });
  }
}
