/**
 * Auto Scaling's groups, machines and hooks in memory, behind the calls of the SDK: what happens to a machine when its hook is answered,
 * times out, or is deleted under it.
 *
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html (a deletion abandons launching
 * instances), lifecycle-hooks.html (a launch goes on when every hook was answered; one ABANDON ends it).
 */
import type { AutoScalingCalls } from "../../lib/aws/clients/auto-scaling.ts";

type Hook = {
  readonly name: string;
  readonly isLaunch: boolean;
  heartbeat: number;
  defaultResult: string;
  metadata: string;
};
type Machine = { state: "pending" | "in-service" | "dead"; readonly waitsFor: Set<string> };
type Group = {
  readonly cluster: string | undefined;
  readonly hooks: Map<string, Hook>;
  readonly machines: Map<string, Machine>;
};

export type AutoScalingModel = {
  readonly calls: Omit<AutoScalingCalls, never>;
  /** `cluster`: what EKS's tag says; undefined for a group of no node group. */
  makeGroup(name: string, cluster?: string): void;
  removeGroup(name: string): void;
  /** A machine starts, and waits for every launch hook of its group. Undefined: no such group. */
  launch(group: string): string | undefined;
  putHook(group: string, hook: Partial<Hook> & { readonly name: string }): void;
  /** As CloudFormation does: DeleteLifecycleHook, whoever waits. */
  deleteHook(group: string, name: string): void;
  hooksOf(group: string): readonly string[];
  groups(): readonly string[];
  /** Machines that died of a hook: by ABANDON, or because it was deleted under them. */
  readonly killed: string[];
  isWaiting(machine: string): boolean;
};

export function autoScalingModel(): AutoScalingModel {
  const groups = new Map<string, Group>();
  const killed: string[] = [];
  let machines = 0;
  const $metadata = { httpStatusCode: 200 };

  const groupOf = (name: string | undefined): Group => {
    const group = groups.get(name ?? "");
    if (group === undefined) throw validationError(`AutoScalingGroup name not found - ${name}`);
    return group;
  };
  const finish = (id: string, machine: Machine, hook: string, result: string) => {
    machine.waitsFor.delete(hook);
    if (result === "ABANDON") {
      machine.state = "dead";
      machine.waitsFor.clear();
      killed.push(id);
    } else if (machine.waitsFor.size === 0) machine.state = "in-service";
  };
  const deleteHook = (name: string, hookName: string) => {
    const group = groupOf(name);
    const hook = group.hooks.get(hookName);
    if (hook === undefined) throw validationError(`No Lifecycle Hook found with name ${hookName}`);
    group.hooks.delete(hookName);
    for (const [id, machine] of group.machines)
      if (machine.waitsFor.has(hookName))
        finish(id, machine, hookName, hook.isLaunch ? "ABANDON" : "CONTINUE");
  };
  const putHook: AutoScalingModel["putHook"] = (name, hook) => {
    groupOf(name).hooks.set(hook.name, {
      isLaunch: hook.name.endsWith("-launch"),
      heartbeat: 300,
      defaultResult: "CONTINUE",
      metadata: "",
      ...hook,
    });
  };
  const described = (name: string, { cluster, machines: all }: Group) => ({
    AutoScalingGroupName: name,
    Instances: [...all].flatMap(([InstanceId, { state }]) =>
      state === "dead"
        ? []
        : [{ InstanceId, LifecycleState: state === "pending" ? "Pending:Wait" : "InService" }],
    ),
    Tags: cluster === undefined ? [] : [{ Key: "eks:cluster-name", Value: cluster }],
  });

  const calls = {
    describeGroups: (input: {
      AutoScalingGroupNames?: string[];
      Filters?: { Name?: string; Values?: string[] }[];
    }) => {
      const [filter] = input.Filters ?? [];
      const isMeant = (name: string, group: Group) =>
        filter === undefined
          ? input.AutoScalingGroupNames?.includes(name) === true
          : filter.Name === "tag:eks:cluster-name" && filter.Values?.includes(group.cluster ?? "") === true;
      const found = [...groups].filter(([name, group]) => isMeant(name, group));
      return { AutoScalingGroups: found.map(([name, group]) => described(name, group)), $metadata };
    },
    describeWarmPool: () => ({ Instances: [], $metadata }),
    describeLifecycleHooks: (group: string) => ({
      LifecycleHooks: [...groupOf(group).hooks.values()].map((it) => ({
        LifecycleHookName: it.name,
        LifecycleTransition: `autoscaling:EC2_INSTANCE_${it.isLaunch ? "LAUNCHING" : "TERMINATING"}`,
        HeartbeatTimeout: it.heartbeat,
        DefaultResult: it.defaultResult,
        NotificationMetadata: it.metadata,
      })),
      $metadata,
    }),
    putLifecycleHook: (input: Readonly<Record<string, unknown>>) => {
      putHook(String(input["AutoScalingGroupName"]), {
        name: String(input["LifecycleHookName"]),
        isLaunch: String(input["LifecycleTransition"]).endsWith("LAUNCHING"),
        heartbeat: Number(input["HeartbeatTimeout"]),
        defaultResult: String(input["DefaultResult"]),
        metadata: String(input["NotificationMetadata"]),
      });
      return { $metadata };
    },
    deleteLifecycleHook: (group: string, hook: string) => {
      deleteHook(group, hook);
      return { $metadata };
    },
    completeLifecycleAction: (input: Readonly<Record<string, unknown>>) => {
      const id = String(input["InstanceId"]);
      const hook = String(input["LifecycleHookName"]);
      const machine = groupOf(String(input["AutoScalingGroupName"])).machines.get(id);
      if (machine?.waitsFor.has(hook) !== true)
        throw validationError(`No active Lifecycle Action found with instance ID ${id}`);
      finish(id, machine, hook, String(input["LifecycleActionResult"]));
      return { $metadata };
    },
    recordHeartbeat: () => ({ $metadata }),
  };
  return {
    // Each call answers later, and throws by rejecting, as the SDK's do.
    calls: Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        async (...args: never[]) => {
          await Promise.resolve();
          return (call as (...args: never[]) => unknown)(...args);
        },
      ]),
    ) as unknown as AutoScalingCalls,
    makeGroup: (name, cluster) => groups.set(name, { cluster, hooks: new Map(), machines: new Map() }),
    removeGroup: (name) => groups.delete(name),
    launch: (name) => {
      const group = groups.get(name);
      if (group === undefined) return undefined;
      const id = `i-${(++machines).toString(16).padStart(17, "0")}`;
      const waitsFor = new Set([...group.hooks.values()].filter((it) => it.isLaunch).map((it) => it.name));
      group.machines.set(id, { state: waitsFor.size > 0 ? "pending" : "in-service", waitsFor });
      return id;
    },
    putHook,
    deleteHook,
    hooksOf: (name) => [...(groups.get(name)?.hooks.keys() ?? [])].sort(),
    groups: () => [...groups.keys()].sort(),
    killed,
    isWaiting: (id) => [...groups.values()].some((it) => it.machines.get(id)?.state === "pending"),
  };
}

function validationError(message: string): Error {
  const error = Object.assign(new Error(message), { $metadata: { httpStatusCode: 400 } });
  error.name = "ValidationError";
  return error;
}
