/**
 * Events through the real handler onto a real API server: how many requests an event costs, cold and warm, in a small and
 * in a large cluster, and how long a burst takes from the batch to its last HostEndpoint.
 *
 * EC2 and Auto Scaling are values in memory (functions/local/demo/demo-ports.ts); their calls are counted.
 */
import { performance } from "node:perf_hooks";
import { deliver } from "../../../functions/local/demo/deliver.ts";
import { demoPorts, type DemoPorts } from "../../../functions/local/demo/demo-ports.ts";
import { CALICO, instanceOf, nodeOf, type Machine } from "../../../functions/local/demo/fleet.ts";
import { createReconcileHandler } from "../../../functions/reconcile/create-handler.ts";
import { rememberClusterState } from "../../../lib/kubernetes/remember-cluster-state.ts";
import { rbacObjects } from "../../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../../lib/names/names.ts";
import { createLogger } from "../../../lib/observability/create-logger.ts";
import { systemClock } from "../../../lib/ports/clock.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { recordedEvent } from "../../events/events.ts";
import { report } from "../bench-row.ts";

const user = KUBERNETES_USER;

const controlPlane = await startControlPlane({ users: [{ name: user, groups: [KUBERNETES_GROUP] }] });
await controlPlane.apply([...rbacObjects(), ...CALICO]);

await measureOneEvent("10 nodes", machines("a", 10));
await measureOneEvent("1,000 nodes", machines("b", 990));
await measureBurst(40, machines("c", 40));
await measureBurst(1000, machines("d", 1000));
await controlPlane.stop();

async function measureOneEvent(size: string, fleet: readonly Machine[]): Promise<void> {
  await controlPlane.apply(fleet.map((it) => nodeOf(it)));
  const { ports, handler, counted } = container();
  const [first, second] = fleet;
  if (first === undefined || second === undefined) throw new Error("a fleet has two machines");
  for (const [warmth, machine, most] of [
    ["cold", first, 15],
    ["warm", second, 6],
  ] as const) {
    ports.ec2.set(machine.instanceId, instanceOf(machine));
    await controlPlane.requests.reset();
    const before = counted();
    await deliver(handler, [recordedEvent("ec2-state-running", { instanceId: machine.instanceId })]);
    const kubernetes = await requests(controlPlane);
    // The demo's ports know the cluster; a deployed container asks DescribeCluster once, when it is cold.
    const aws = counted() - before + (warmth === "cold" ? 1 : 0);
    report({
      work: `one event, ${warmth} container, ${size}`,
      measured: `${kubernetes} Kubernetes requests, ${aws} AWS calls`,
      bound: `at most ${most} and 3`,
      kept: kubernetes <= most && aws <= 3,
    });
  }
}

/** Launch events of new nodes, all in one batch as the queue's window makes it. */
async function measureBurst(size: number, fleet: readonly Machine[]): Promise<void> {
  await controlPlane.apply(fleet.map((it) => nodeOf(it)));
  const { ports, handler, counted } = container();
  for (const machine of fleet) ports.ec2.set(machine.instanceId, instanceOf(machine));
  const events = fleet.map(({ instanceId }) => recordedEvent("ec2-state-running", { instanceId }));
  await controlPlane.requests.reset();
  const before = counted();
  const started = performance.now();
  const again = await deliver(handler, events);
  const seconds = (performance.now() - started) / 1000;
  const lists = await controlPlane.requests.count({ user, verb: "list" });
  const listed = Object.entries(lists).map(([what, count]) => `${count} ${what}`);
  report({
    work: `a burst of ${size} new nodes, batch to last HostEndpoint`,
    measured: `${seconds.toFixed(2)} s, ${await requests(controlPlane)} requests, ${counted() - before} AWS calls, ${again} records again`,
    bound: size === 40 ? "at most 2 s" : "",
    ...(size === 40 ? { kept: seconds <= 2 && again === 0 } : {}),
  });
  process.stdout.write(`    lists: ${listed.join(", ")}\n`);
}

/** A container that has served nothing yet: its ports as the deployed function's, with AWS counted. */
function container() {
  const base = demoPorts(controlPlane);
  let calls = 0;
  const ports: DemoPorts = {
    ...base,
    cluster: {
      ...base.cluster,
      use: (() => {
        let gateway: ReturnType<typeof rememberClusterState> | undefined;
        return (work, signal) =>
          base.cluster.use((connection) => {
            gateway ??= rememberClusterState(connection.gateway, systemClock);
            return work({ ...connection, gateway });
          }, signal);
      })() satisfies DemoPorts["cluster"]["use"],
    },
    instances: {
      describeInstances: (ids, signal) => {
        calls += 1;
        return base.instances.describeInstances(ids, signal);
      },
    },
    mark: {
      ...base.mark,
      read: (signal) => {
        calls += 1;
        return base.mark.read(signal);
      },
    },
  };
  return { ports, handler: createReconcileHandler(ports, createLogger("error")), counted: () => calls };
}

async function requests(plane: ControlPlane): Promise<number> {
  const counts = await plane.requests.count({ user });
  return Object.values(counts).reduce((sum, it) => sum + it, 0);
}

function machines(mark: "a" | "b" | "c" | "d", count: number): readonly Machine[] {
  const second = { a: 1, b: 2, c: 3, d: 4 }[mark];
  return Array.from({ length: count }, (_, index) => ({
    instanceId: `i-0${mark}${String(index).padStart(15, "0")}`,
    ip: `10.${second}.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    nodeGroup: "web",
  }));
}
