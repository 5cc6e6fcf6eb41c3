import type { Instance } from "../model/instance.ts";
import type { InstanceReader } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";

/** Network interfaces come and go seldom; a public address that is moved counts a quarter of an hour later at most. */
const LIFE_MILLISECONDS = 15 * 60 * 1_000;

/** Answers of EC2 by instance id, for those who may get an older one: one doubt costs one question, not one in each run. */
export function rememberInstances(reader: InstanceReader, clock: Pick<Clock, "now">): InstanceReader {
  let known = new Map<string, { readonly instance: Instance; readonly until: number }>();
  return {
    describeInstances: async (ids, signal, age = "now") => {
      const now = clock.now();
      known = new Map([...known].filter(([, it]) => it.until > now));
      const found = age === "now" ? [] : ids.flatMap((it) => known.get(it)?.instance ?? []);
      const held = new Set(found.map((it) => it.instanceId));
      const open = ids.filter((it) => !held.has(it));
      const asked = open.length === 0 ? [] : await reader.describeInstances(open, signal);
      for (const instance of asked)
        known.set(instance.instanceId, { instance, until: now + LIFE_MILLISECONDS });
      return [...found, ...asked].sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    },
  };
}
