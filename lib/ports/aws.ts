import type { GatewayError } from "../model/errors.ts";
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
  /** The machines of these groups that wait for anybody's answer. */
  waiting(groups: GroupSelection, signal: AbortSignal): Promise<readonly WaitingInstance[]>;
}

/** Which Auto Scaling groups: those of the settings by name, and those of the cluster's managed node groups by EKS's tag. */
export type GroupSelection = {
  readonly cluster: string;
  readonly named: readonly string[];
  readonly managed: boolean;
};

/** A machine in a `:Wait` state; whose answer it waits for, Auto Scaling does not say. */
export type WaitingInstance = {
  readonly autoScalingGroup: string;
  readonly instanceId: string;
  readonly transition: "launch" | "terminate";
  readonly destination?: "WarmPool";
};

/** A lifecycle hook of ours as it should be. */
export type KeptHook = {
  readonly name: string;
  readonly transition: "launch" | "terminate";
  readonly heartbeatSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
};

export type HooksOutcome = {
  /** `GROUP/HOOK` for each. */
  readonly put: readonly string[];
  readonly removed: readonly string[];
  readonly failures: readonly { readonly subject: string; readonly error: GatewayError }[];
};

/** Our hooks on groups that only run time knows. */
export interface HookKeeper {
  /**
   * On every group of the cluster's managed node groups: puts what is missing, removes what is ours and not wanted.
   * @throws errors of `model/errors.ts` when the groups cannot be listed
   */
  keep(wanted: readonly KeptHook[], signal: AbortSignal): Promise<HooksOutcome>;
  /** Answers every machine of these groups that waits for us, until none does. */
  letGo(groups: readonly string[], signal: AbortSignal): Promise<HooksOutcome>;
}

/** Keeps the resync from putting hooks while somebody removes them. */
export interface HooksPause {
  /** Milliseconds since the epoch; 0 when there is no pause. */
  until(signal: AbortSignal): Promise<number>;
  pause(until: number, signal: AbortSignal): Promise<void>;
}

/** Looks at what is deployed. What cannot be read is part of the answer: it throws nothing that a person could mend. */
export interface InstallationReader {
  read(signal: AbortSignal): Promise<InstallationFacts>;
}
