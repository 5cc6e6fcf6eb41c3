import { createHash } from "node:crypto";
import type { SettingsFingerprint } from "../model/settings-fingerprint.ts";
import type { Settings } from "./settings.ts";

/** Where settings come from. */
export type SettingsOrigin = Omit<SettingsFingerprint, "hash">;

/** The fingerprint of what these settings do to endpoints. Two files that do the same have the same hash. */
export function fingerprintOf(
  { endpoints, kept }: Pick<Settings, "endpoints" | "kept">,
  { version, file }: SettingsOrigin,
): SettingsFingerprint {
  const effect = [
    ...endpoints.map((it) => JSON.stringify(sortKeys(it))),
    ...kept.map((it) => `kept ${it}`),
  ].sort();
  return { hash: createHash("sha256").update(effect.join("\n")).digest("hex").slice(0, 16), version, file };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, it]) => [key, sortKeys(it)]),
  );
}
