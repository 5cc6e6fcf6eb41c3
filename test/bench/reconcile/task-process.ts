/**
 * One measured task in a fresh process: ours and the bare client's alike, so that both pay for cold code and neither
 * inherits the other's memory. The parent names the task and the place; the answer is one message.
 */
import { settingsSchema } from "../../../lib/config/settings.ts";
import { encodeNewHostEndpoint } from "../../../lib/kubernetes/objects/codec.ts";
import { connectWithToken } from "../../../lib/kubernetes/connection/connect-with-token.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { ReportCounts, ReportStatus } from "../../../lib/model/report.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { systemClock } from "../../../lib/ports/clock.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { aDesiredHostEndpoint } from "../../builders/a-host-endpoint.ts";
import { bareClient, type Place } from "./bare-client.ts";
import { fleetOf } from "./fleet.ts";

export type Task =
  | { readonly kind: "reconcile"; readonly triggers: readonly Trigger[] }
  | { readonly kind: "bare-lists" }
  /** The lists, then one POST for each of `count` nodes. */
  | { readonly kind: "bare-lists-and-posts"; readonly count: number; readonly atATime: number };

export type TaskRequest = { readonly task: Task; readonly place: Place };

export type TaskResult = {
  readonly milliseconds: number;
  /** Processor time of this process from start to end, compiling included. */
  readonly cpuMilliseconds: number;
  /** Most memory that the process ever held, in MiB. */
  readonly peakMebibytes: number;
  readonly status?: ReportStatus;
  readonly counts?: ReportCounts;
};

const connections = 16;
const hostEndpoints = `/apis/${CALICO_V1}/hostendpoints`;

async function reconcileOnce({ url, ca, token }: Place, triggers: readonly Trigger[]) {
  const started = performance.now();
  const connection = connectWithToken({
    endpoint: url,
    caPem: ca,
    token: () => Promise.resolve(token),
    connections,
  });
  const settings = settingsSchema.parse({ limits: { concurrency: connections } });
  const { report } = await reconcile(
    { triggers, mode: "apply" },
    { settings, cluster: connection.gateway, clock: systemClock },
    AbortSignal.timeout(300_000),
  );
  const milliseconds = performance.now() - started;
  await connection.close();
  return { milliseconds, status: report.status, counts: report.counts };
}

/** What a run reads, in the order in which it reads it. */
async function bareLists(place: Place, bodies: readonly string[], atATime: number) {
  const started = performance.now();
  const client = bareClient(place, connections);
  await client.get("/apis");
  const inGroup = (path: string) => `/apis/${CALICO_V1}/${path}`;
  await Promise.all(
    ["clusterinformations/default", "kubecontrollersconfigurations/default"].map((it) =>
      client.get(inGroup(it)).catch(() => ""),
    ),
  );
  await Promise.all([
    ...["globalnetworkpolicies", "tiers", "felixconfigurations"].map((it) => client.listPages(inGroup(it))),
    client.listPages(hostEndpoints).then(() => client.listPages("/api/v1/nodes")),
  ]);
  if (bodies.length > 0) await client.postAll(hostEndpoints, bodies, atATime);
  const milliseconds = performance.now() - started;
  await client.close();
  return { milliseconds };
}

function bodiesFor(count: number): readonly string[] {
  return fleetOf(0, count).map(({ metadata: { name, labels } }) => {
    const desired = aDesiredHostEndpoint({ name, ...(labels === undefined ? {} : { labels }) });
    return JSON.stringify(encodeNewHostEndpoint(CALICO_V1, desired));
  });
}

async function perform({ task, place }: TaskRequest): Promise<TaskResult> {
  const measured =
    task.kind === "reconcile"
      ? await reconcileOnce(place, task.triggers)
      : task.kind === "bare-lists"
        ? await bareLists(place, [], 1)
        : await bareLists(place, bodiesFor(task.count), task.atATime);
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return { ...measured, cpuMilliseconds: (userCPUTime + systemCPUTime) / 1000, peakMebibytes: maxRSS / 1024 };
}

process.once("message", (request: TaskRequest) => {
  void perform(request).then((result) => {
    process.send?.(result, () => {
      process.disconnect();
    });
  });
});
