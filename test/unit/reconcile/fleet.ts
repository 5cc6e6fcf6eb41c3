/** A fleet in memory with a clock of its own and an EC2 that knows its machines: what vanishes, what is terminated, who confirms. */
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { Instance } from "../../../lib/model/instance.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { confirmDeletes } from "../../../lib/reconcile/confirm-deletes.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import type { SettingsOrigin } from "../../../lib/config/fingerprint.ts";
import type { InstanceReader } from "../../../lib/ports/aws.ts";
import { someSettings } from "../../builders/a-guard-request.ts";
import { aNodeObject, instanceIdFor } from "../../builders/a-node.ts";
import { anInstance } from "../../builders/an-instance.ts";
import { createInMemoryCluster, type InMemoryClusterOptions } from "../../fakes/in-memory-cluster.ts";

const RESYNC: Trigger = { kind: "resync", source: "schedule" };

export type FleetOptions = Pick<InMemoryClusterOptions, "beforeCall"> & {
  /** `none`: nobody can be asked, as with a kubeconfig. Default: EC2 knows every machine. */
  readonly ec2?: "known" | "none";
};
export type RunOptions = {
  readonly triggers?: readonly Trigger[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly origin?: SettingsOrigin;
  readonly othersSettings?: "refuse";
  readonly mode?: "apply" | "plan";
};

export const nameOf = (index: number, base = "node") => `${base}-${String(index).padStart(4, "0")}`;
export const namesOf = (count: number, base = "node") =>
  Array.from({ length: count }, (_, it) => nameOf(it, base));

export function aFleet({ ec2 = "known", ...options }: FleetOptions = {}) {
  let now = Date.parse("2026-11-22T00:00:00Z");
  const machines = new Map<string, Instance["state"]>();
  const cluster = createInMemoryCluster({ ...options, now: () => now });
  const reader: InstanceReader = {
    describeInstances: (ids) =>
      Promise.resolve(
        ids.flatMap((instanceId) => {
          const state = machines.get(instanceId);
          return state === undefined ? [] : [anInstance({ instanceId, state, privateDnsName: "" })];
        }),
      ),
  };
  const endpoints = () => cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name);
  const ports = ({ settings = {}, origin }: RunOptions) => ({
    settings: someSettings(settings),
    cluster: cluster.gateway,
    // Wrong on purpose: times come from the server.
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    ...(ec2 === "none" ? {} : { instances: reader }),
    ...(origin === undefined ? {} : { origin }),
  });
  return {
    cluster,
    machines,
    endpoints,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    join: (...names: readonly string[]) => {
      for (const name of names) {
        cluster.put(aNodeObject({ name }));
        machines.set(instanceIdFor(name), "running");
      }
    },
    /** The Node objects go; EC2 goes on running the machines. */
    vanish: (...names: readonly string[]) => {
      for (const name of names) cluster.remove("v1", "nodes", name);
    },
    /** As Karpenter does it: the Node is gone, and so is the machine. `forgotten`: EC2 knows nothing of it any more. */
    terminate: (
      names: readonly string[],
      how: "terminated" | "shutting-down" | "forgotten" = "terminated",
    ) => {
      for (const name of names) {
        cluster.remove("v1", "nodes", name);
        if (how === "forgotten") machines.delete(instanceIdFor(name));
        else machines.set(instanceIdFor(name), how);
      }
    },
    run: async (run: RunOptions = {}) => {
      const { triggers = [RESYNC], mode = "apply", othersSettings } = run;
      const request = { triggers, mode, ...(othersSettings === undefined ? {} : { othersSettings }) };
      return (await reconcile(request, ports(run), AbortSignal.timeout(60_000))).report;
    },
    confirm: (until = "1h", nodes: readonly string[] = [], run: RunOptions = {}) =>
      confirmDeletes(
        {
          until: { kind: "for", milliseconds: until === "1h" ? 3_600_000 : Number(until) },
          nodes,
          mode: run.mode ?? "apply",
        },
        ports(run),
        AbortSignal.timeout(60_000),
      ),
  };
}

/** What EventBridge says of machines that are gone, a batch at a time. */
export function goneEvents(names: readonly string[]): readonly Trigger[] {
  return names.map((it) => ({ kind: "instance", instanceId: instanceIdFor(it), change: "gone" }));
}
