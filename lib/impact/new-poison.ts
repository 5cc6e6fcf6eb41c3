import { poisonFindings } from "../guard/rules/poison-object.ts";
import type { Finding } from "../model/finding.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** Objects that Felix could not digest after the change, and that are not there, or not so, before. */
export function newPoison(before: Snapshot, after: Snapshot): readonly Finding[] {
  const known = new Set(poisonFindings(before).map(keyOf));
  return poisonFindings(after).filter((it) => !known.has(keyOf(it)));
}

function keyOf({ object, code, message }: Finding): string {
  return `${object} ${code} ${message}`;
}
