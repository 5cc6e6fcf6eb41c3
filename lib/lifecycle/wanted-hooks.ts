import type { Settings } from "../config/settings.ts";
import { lifecycleHookNames } from "../names/names.ts";
import type { KeptHook } from "../ports/aws.ts";

/**
 * On terminate always CONTINUE: ABANDON would stop the hooks of others, and may park the instance (docs/aws.md 3.3).
 * On launch the setting decides what happens when nobody answers: fail open or fail closed. In `observe` none: a stage that must not
 * touch the cluster must not touch machines.
 */
export function wantedHooks(settings: Pick<Settings, "id" | "lifecycle" | "stage">): readonly KeptHook[] {
  if (settings.stage === "observe") return [];
  const names = lifecycleHookNames(settings.id);
  const heartbeatSeconds = settings.lifecycle.heartbeat;
  const onLaunch = settings.lifecycle.launch === "abandon" ? "ABANDON" : "CONTINUE";
  return [
    { name: names.launch, transition: "launch", heartbeatSeconds, defaultResult: onLaunch },
    { name: names.terminate, transition: "terminate", heartbeatSeconds, defaultResult: "CONTINUE" },
  ];
}
