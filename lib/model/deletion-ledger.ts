/**
 * How many deletions there were of late, whoever made them: a list of times and counts in an annotation of one endpoint of ours
 * that stays. Why there: docs/decisions/deletions.md.
 */
import type { HostEndpoint } from "./host-endpoint.ts";
import { DELETIONS_ANNOTATION } from "../names/names.ts";

/**
 * Why an endpoint may go. `proven`: the API server does not have its Node, and EC2 says that its instance is gone. `unproven`: the
 * API server does not have its Node. `unwanted`: its Node lives, and no entry of `endpoints` wants it.
 */
export type DeletionClass = "proven" | "unproven" | "unwanted";
export type DeletionCounts = Readonly<Record<DeletionClass, number>>;

export const NO_DELETIONS: DeletionCounts = { proven: 0, unproven: 0, unwanted: 0 };

/** What was deleted in one run. `at`: RFC 3339, by the API server's clock. */
export type LedgerEntry = {
  readonly at: string;
  readonly counts: DeletionCounts;
  /** Tells it from every other entry, so that a copy counts once: the UID of one endpoint that was deleted. */
  readonly id: string;
};

/** A deletion counts for so long. Seconds. */
export const DELETION_WINDOW_SECONDS = 600;

/** More entries than a window can hold mean that somebody else wrote there. */
const MOST_ENTRIES = 1_000;

/** The entries of all these endpoints that lie in the window before `now`; what cannot be read counts for nothing. */
export function readLedger(
  endpoints: readonly Pick<HostEndpoint, "annotations">[],
  now: string,
): readonly LedgerEntry[] {
  const texts = new Set(endpoints.flatMap((it) => it.annotations[DELETIONS_ANNOTATION] ?? []));
  const since = Date.parse(now) - DELETION_WINDOW_SECONDS * 1000;
  const recent = [...texts].flatMap(parse).filter((it) => Date.parse(it.at) > since);
  return [...new Map(recent.map((it) => [it.id, it])).values()];
}

export function writeLedger(entries: readonly LedgerEntry[]): string {
  return JSON.stringify(
    entries.map(({ at, counts, id }) => [at, counts.proven, counts.unproven, counts.unwanted, id]),
  );
}

export function sumOf(entries: readonly LedgerEntry[]): DeletionCounts {
  return entries.reduce((sum, { counts }) => add(sum, counts), NO_DELETIONS);
}

export function add(a: DeletionCounts, b: DeletionCounts): DeletionCounts {
  return {
    proven: a.proven + b.proven,
    unproven: a.unproven + b.unproven,
    unwanted: a.unwanted + b.unwanted,
  };
}

function parse(text: string): readonly LedgerEntry[] {
  if (text.length > 100_000) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.slice(0, MOST_ENTRIES).flatMap(entryOf) : [];
  } catch {
    return [];
  }
}

function entryOf(value: unknown): readonly LedgerEntry[] {
  if (!Array.isArray(value)) return [];
  const [at, proven, unproven, unwanted, id] = value as unknown[];
  return typeof at === "string" &&
    typeof id === "string" &&
    !Number.isNaN(Date.parse(at)) &&
    isCount(proven) &&
    isCount(unproven) &&
    isCount(unwanted)
    ? [{ at, counts: { proven, unproven, unwanted }, id }]
    : [];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
