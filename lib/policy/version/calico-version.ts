import type { CalicoVersion } from "../../model/calico-version.ts";

export type { CalicoVersion };

/** After v3.32: the state of Calico that docs/calico.md describes. */
export const MASTER: CalicoVersion = { major: 3, minor: 33, patch: 0 };

/** The last patch of each minor release of Calico 3 whose code was read. Source: docs/calico-versions.md, head. */
const LAST_PATCHES: readonly (readonly [minor: number, patch: number])[] = [
  [26, 5],
  [27, 5],
  [28, 5],
  [29, 7],
  [30, 7],
  [31, 7],
  // The patch after v3.32.1 is not out, and its branch has fixes that v3.32.1 lacks.
  [32, 2],
];

/** Every version that may run where nobody says which one does, oldest first. */
export const EVERY_VERSION: readonly CalicoVersion[] = [
  ...LAST_PATCHES.flatMap(([minor, last]) =>
    Array.from({ length: last + 1 }, (_, patch) => ({ major: 3, minor, patch })),
  ),
  MASTER,
];

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

/** Negative when the first is older. */
export function compareCalicoVersions(one: CalicoVersion, other: CalicoVersion): number {
  return one.major - other.major || one.minor - other.minor || one.patch - other.patch;
}

/** `v3.31.7`; the development state is `master`. */
export function formatCalicoVersion(version: CalicoVersion): string {
  if (compareCalicoVersions(version, MASTER) === 0) return "master";
  return `v${version.major}.${version.minor}.${version.patch}`;
}

/** `v3.31.7`, or `v3.29.0 to v3.31.7` for the oldest and the newest of several. */
export function formatCalicoVersions(versions: readonly CalicoVersion[]): string {
  const sorted = versions.toSorted(compareCalicoVersions);
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  if (oldest === undefined || newest === undefined) return "no version";
  const [from, to] = [formatCalicoVersion(oldest), formatCalicoVersion(newest)];
  return from === to ? from : `${from} to ${to}`;
}

/** Versions from the first (inclusive) to the second (exclusive), each as `3.29.6`; an end that is missing is open. */
export type VersionRange = readonly [from: string | undefined, before: string | undefined];

/** True when one of the ranges holds the version. */
export function isInRanges(version: CalicoVersion, ranges: readonly VersionRange[]): boolean {
  return ranges.some(
    ([from, before]) =>
      (from === undefined || compareCalicoVersions(version, read(from)) >= 0) &&
      (before === undefined || compareCalicoVersions(version, read(before)) < 0),
  );
}

function read(text: string): CalicoVersion {
  const version = parseCalicoVersion(text);
  if (version === undefined) throw new Error(`${text} is no version`);
  return version;
}
