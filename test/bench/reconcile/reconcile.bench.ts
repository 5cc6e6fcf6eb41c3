/**
 * The whole sentence against one real API server, as ratios to the raw limit of the same run: the same requests sent by a
 * bare client with the same concurrency. Each number is the best of a few rounds in which both take turns, because other
 * work on the machine only ever adds time.
 */
import { readFile } from "node:fs/promises";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { rbacObjects } from "../../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../../lib/names/names.ts";
import type { AnyObject } from "../../control-plane/admin-client.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { report } from "../bench-row.ts";
import { fleetOf } from "./fleet.ts";
import { bundleTasks } from "./run-task.ts";
import type { Task, TaskResult } from "./task-process.ts";

const hostEndpoints = "/apis/crd.projectcalico.org/v1/hostendpoints";
const resync: readonly Trigger[] = [{ kind: "resync", source: "schedule" }];
const drifted = "node-0042";
const rounds = 3;

const controlPlane = await startControlPlane({
  users: [{ name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] }],
});
await controlPlane.apply(rbacObjects());
const place = {
  url: controlPlane.url,
  ca: await readFile(controlPlane.caFile, "utf8"),
  token: controlPlane.tokenOf(KUBERNETES_USER),
};
const tasks = await bundleTasks();
const run = (task: Task) => tasks.run({ task, place });

await grow(controlPlane, 0, 100);
await run({ kind: "reconcile", triggers: resync });
const requestsAt100 = await scopedRequests(controlPlane);
await grow(controlPlane, 100, 1_000);
await firstReconcile(1_000);
await grow(controlPlane, 1_000, 5_000);
await firstReconcile(5_000);
await noOp(5_000);
const requestsAt5000 = await scopedRequests(controlPlane);
const lists = [...requestsAt100, ...requestsAt5000].filter((it) =>
  /^list (nodes|hostendpoints)$/.test(it),
).length;
report({
  work: "one drifted node, scoped, cold: API requests at 100 and 5,000 nodes",
  measured: `${requestsAt100.length} and ${requestsAt5000.length}, ${lists} lists of Nodes or HostEndpoints`,
  bound: "10, the same, none",
  kept: requestsAt100.length <= 10 && requestsAt100.length === requestsAt5000.length && lists === 0,
});
await tasks.remove();
await controlPlane.stop();

async function grow({ apply }: ControlPlane, from: number, to: number): Promise<void> {
  process.stdout.write(`  putting nodes ${from} to ${to}\n`);
  await apply(fleetOf(from, to).map((it): AnyObject => ({ ...it, metadata: { ...it.metadata } })));
}

async function firstReconcile(count: number): Promise<void> {
  const ours: TaskResult[] = [];
  const bare: TaskResult[] = [];
  const empty = () => controlPlane.admin.remove(hostEndpoints);
  for (let round = 0; round < rounds; round++) {
    await empty();
    bare.push(await run({ kind: "bare-lists-and-posts", count, atATime: 16 }));
    await empty();
    ours.push(await run({ kind: "reconcile", triggers: resync }));
  }
  await empty();
  const oneByOne = await run({ kind: "bare-lists-and-posts", count, atATime: 1 });
  await empty();
  await run({ kind: "reconcile", triggers: resync });
  const created = ours.every((it) => it.status === "converged" && it.counts?.create === count);
  const [best, limit] = [fastest(ours), fastest(bare)];
  report({
    work: `first reconcile of ${count} nodes, to the raw lists and POSTs`,
    measured: `${ratio(best, limit)} (${seconds(best)} to ${seconds(limit)})${created ? "" : " NOT ALL CREATED"}`,
    bound: "at most 1.25",
    kept: created && best <= 1.25 * limit,
  });
  report({
    work: `first reconcile of ${count} nodes, to one POST at a time`,
    measured: `${ratio(oneByOne.milliseconds, best)} faster (${seconds(best)} to ${seconds(oneByOne.milliseconds)})`,
    bound: "at least 3",
    kept: oneByOne.milliseconds >= 3 * best,
  });
}

async function noOp(count: number): Promise<void> {
  const ours: TaskResult[] = [];
  const bare: TaskResult[] = [];
  await controlPlane.requests.reset();
  for (let round = 0; round < rounds + 2; round++) {
    bare.push(await run({ kind: "bare-lists" }));
    ours.push(await run({ kind: "reconcile", triggers: resync }));
  }
  const writes = (await controlPlane.requests.list()).filter(
    (it) => it.verb !== "get" && it.verb !== "list",
  ).length;
  const unchanged = ours.every((it) => it.status === "converged" && it.counts?.unchanged === count);
  const [best, limit] = [fastest(ours), fastest(bare)];
  report({
    work: `no-op over ${count} nodes and endpoints, to the raw paged lists`,
    measured: `${ratio(best, limit)} (${seconds(best)} to ${seconds(limit)}), ${writes} writes${unchanged ? "" : " NOT UNCHANGED"}`,
    bound: "at most 1.3, 0 writes",
    kept: unchanged && writes === 0 && best <= 1.3 * limit,
  });
  const peak = Math.max(...ours.map((it) => it.peakMebibytes));
  report({
    work: "peak resident memory of that no-op",
    measured: `${peak.toFixed(0)} MiB (bare client ${Math.max(...bare.map((it) => it.peakMebibytes)).toFixed(0)} MiB)`,
    bound: "256 MiB",
    kept: peak <= 256,
  });
}

/** `verb resource` of each request of a cold run that repairs one node. */
async function scopedRequests({ admin, requests }: ControlPlane): Promise<readonly string[]> {
  await admin.patch(`${hostEndpoints}/${drifted}`, { metadata: { labels: { drifted: "yes" } } });
  await requests.reset();
  const result = await run({ kind: "reconcile", triggers: [{ kind: "nodes", nodes: [drifted] }] });
  const sent = await requests.list();
  const { metadata } = await admin.get(`${hostEndpoints}/${drifted}`);
  if (JSON.stringify(metadata["labels"]).includes("drifted"))
    throw new Error("the drifted endpoint was not repaired");
  process.stdout.write(
    `  one drifted node, scoped: ${sent.length} requests, ${result.milliseconds.toFixed(0)} ms\n`,
  );
  return sent.map((it) => `${it.verb} ${it.resource}`);
}

function fastest(results: readonly TaskResult[]): number {
  return Math.min(...results.map((it) => it.milliseconds));
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
