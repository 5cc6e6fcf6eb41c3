import { UsageError } from "../../lib/model/errors.ts";
import type { ConfirmRequest } from "../../lib/reconcile/confirm-deletes.ts";

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `1h`, `30m`, or a time as RFC 3339. @throws UsageError for anything else */
export function parseUntil(text: string): ConfirmRequest["until"] {
  const [, count, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return { kind: "for", milliseconds: Number(count) * (UNIT_MILLISECONDS[unit] ?? 0) };
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `until: ${JSON.stringify(text.slice(0, 60))} is neither a duration such as 1h nor a time such as 2026-11-22T15:00:00Z`,
    );
  return { kind: "at", milliseconds: at };
}
