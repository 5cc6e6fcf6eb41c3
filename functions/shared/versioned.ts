/** Of the JSON that commands and functions answer with (docs/output.md). It goes up when something is renamed or removed, never when something is added. */
export const FORMAT_VERSION = 1;

/** The answer with its `formatVersion` in front; each entry of a list has its own. What has one already keeps it. */
export function versioned(answer: readonly unknown[]): readonly unknown[];
export function versioned<T extends object>(answer: T): T & { readonly formatVersion: number };
export function versioned(answer: unknown): unknown;
export function versioned(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map((it: unknown) => versioned(it));
  return typeof answer === "object" && answer !== null
    ? { formatVersion: FORMAT_VERSION, ...answer }
    : answer;
}
