import type { HostEndpoint } from "./host-endpoint.ts";
import { isJsonObject, stringAt } from "./read-json.ts";
import { SETTINGS_ANNOTATION } from "../names/names.ts";

/** Which settings made an endpoint. */
export type SettingsFingerprint = {
  /** Of what the settings do to endpoints: neither comments, nor the order of keys, nor what is left at its default changes it. */
  readonly hash: string;
  /** Of the program that wrote. */
  readonly version: string;
  /** Path of the settings file as it was given; empty: defaults. */
  readonly file: string;
};

export function writeFingerprint({ hash, version, file }: SettingsFingerprint): string {
  return JSON.stringify({ hash, version, file });
}

/** Undefined when an endpoint does not say, or not in a way that can be read. Bounded: anyone may have written it. */
export function readFingerprint(
  endpoint: Pick<HostEndpoint, "annotations">,
): SettingsFingerprint | undefined {
  const text = endpoint.annotations[SETTINGS_ANNOTATION];
  if (text === undefined || text.length > 2_000) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const hash = stringAt(value, "hash") ?? "";
    return /^[0-9a-f]{8,64}$/.test(hash)
      ? { hash, version: plain(stringAt(value, "version")), file: plain(stringAt(value, "file")) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What others wrote ends in sentences and in a command that a person copies. */
function plain(text = ""): string {
  return /^[\w./@+~ -]{0,300}$/.test(text) ? text : "";
}
