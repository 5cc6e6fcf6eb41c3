import { UsageError } from "../../../lib/model/errors.ts";

const unitMilliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const mostMilliseconds = 24 * 3_600_000;

/**
 * Milliseconds of `60s`, `1m30s`, `500ms`, `2h`; a bare number counts seconds.
 * @throws UsageError that names `what` for anything else, for zero, and for more than a day.
 */
export function parseDuration(text: string, what: string): number {
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : sumOfParts(text);
  if (milliseconds === undefined || milliseconds <= 0 || milliseconds > mostMilliseconds)
    throw new UsageError(
      `${what}: "${text}" is no duration between 1ms and 24h; write it like 30s, 5m or 1m30s`,
    );
  return milliseconds;
}

function sumOfParts(text: string): number | undefined {
  if (!/^(\d{1,9}(\.\d{1,3})?(ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMilliseconds[unit ?? ""] ?? 0),
    0,
  );
}
