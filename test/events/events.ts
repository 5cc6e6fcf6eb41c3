import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("./", import.meta.url);

/** An AWS event (or another body that reaches the queue) as it was recorded. */
export type RecordedEvent = Readonly<Record<string, unknown>>;

/** Other values in the place of the recorded ones: the instance's id, the group's name, the token, the hook. */
export type EventChanges = {
  readonly instanceId?: string;
  readonly autoScalingGroup?: string;
  readonly token?: string;
  readonly hook?: string;
};

const RECORDED_INSTANCE = "i-0a1b2c3d4e5f60001";
const RECORDED_GROUP = "prod-workers";

/** The names of all recorded events, sorted, without the ending. */
export function recordedEventNames(): readonly string[] {
  return readdirSync(folder)
    .filter((it) => it.endsWith(".json"))
    .map((it) => it.slice(0, -".json".length))
    .sort();
}

/** A recorded event, with other values put in. @throws when there is no event of that name. */
export function recordedEvent(name: string, changes: EventChanges = {}): RecordedEvent {
  const text = readFileSync(new URL(`${name}.json`, folder), "utf8")
    .replaceAll(RECORDED_INSTANCE, changes.instanceId ?? RECORDED_INSTANCE)
    .replaceAll(RECORDED_GROUP, changes.autoScalingGroup ?? RECORDED_GROUP);
  const replaced = [
    ["LifecycleActionToken", changes.token],
    ["LifecycleHookName", changes.hook],
  ] as const;
  return JSON.parse(
    replaced.reduce(
      (json, [key, value]) =>
        value === undefined
          ? json
          : json.replaceAll(new RegExp(`("${key}": ")[^"]*(")`, "g"), `$1${value}$2`),
      text,
    ),
  ) as RecordedEvent;
}
