import type { Settings } from "../config/settings.ts";
import { lifecycleHookNames } from "../names/names.ts";

/** A lifecycle hook of ours as it should be on every Auto Scaling group whose hooks we own. */
export type WantedHook = {
  readonly name: string;
  readonly transition: "launch" | "terminate";
  readonly heartbeatSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
};

/**
 * On terminate always CONTINUE: ABANDON would stop the hooks of others, and may park the instance (docs/aws.md 3.3).
 * On launch the setting decides what happens when nobody answers: fail open or fail closed.
 */
export function wantedHooks(settings: Pick<Settings, "id" | "lifecycle">): readonly WantedHook[] {
  const names = lifecycleHookNames(settings.id);
  const heartbeatSeconds = settings.lifecycle.heartbeat;
  const onLaunch = settings.lifecycle.launch === "abandon" ? "ABANDON" : "CONTINUE";
  return [
    { name: names.launch, transition: "launch", heartbeatSeconds, defaultResult: onLaunch },
    { name: names.terminate, transition: "terminate", heartbeatSeconds, defaultResult: "CONTINUE" },
  ];
}
