import type { InstallationFacts } from "../model/installation.ts";
import type { Instance } from "../model/instance.ts";
import type { LifecycleHook } from "../model/trigger.ts";

/** What the rooms need of EC2 and Auto Scaling. Errors are those of `model/errors.ts`. */
export interface InstanceReader {
  /**
   * One call for up to 1,000 ids; an id that EC2 does not know is simply not in the answer.
   * @param age `recent`: what EC2 said within the last quarter of an hour will do (of addresses, never of a machine's state)
   */
  describeInstances(
    instanceIds: readonly string[],
    signal: AbortSignal,
    age?: "now" | "recent",
  ): Promise<readonly Instance[]>;
}

export interface LifecycleGateway {
  /** Answers a hook. `no-active-action` (already answered or timed out) is success. */
  complete(
    hook: LifecycleHook,
    result: "CONTINUE" | "ABANDON",
    signal: AbortSignal,
  ): Promise<"completed" | "no-active-action">;
  /** Asks for more time. */
  heartbeat(hook: LifecycleHook, signal: AbortSignal): Promise<"extended" | "no-active-action">;
}

/** Looks at what is deployed. What cannot be read is part of the answer: it throws nothing that a person could mend. */
export interface InstallationReader {
  read(signal: AbortSignal): Promise<InstallationFacts>;
}
