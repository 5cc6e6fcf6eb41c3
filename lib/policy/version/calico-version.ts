import type { CalicoVersion } from "../../model/calico-version.ts";

export type { CalicoVersion };

/** After v3.32: the state of Calico that docs/calico.md describes. */
export const MASTER: CalicoVersion = { major: 3, minor: 33, patch: 0 };

/**
 * Reads what an image tag or ClusterInformation says, leniently: `v3.32.1`, `3.31`, `v3.32.1-build20260819`, `v3.26.3-gke.13`,
 * `master`. `undefined` when it names no version (a digest, `latest`, an empty text).
 * Source: docs/calico-versions.md, section 1.
 */
export function parseCalicoVersion(text: string): CalicoVersion | undefined {
  const trimmed = text.trim();
  if (/^master(?:$|[-.+_])/.test(trimmed)) return MASTER;
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:$|[-+._])/.exec(trimmed);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/** `v3.32.1` */
export function formatCalicoVersion({ major, minor, patch }: CalicoVersion): string {
  return `v${major}.${minor}.${patch}`;
}

/** Negative when the first is older. */
export function compareCalicoVersions(one: CalicoVersion, other: CalicoVersion): number {
  return one.major - other.major || one.minor - other.minor || one.patch - other.patch;
}
