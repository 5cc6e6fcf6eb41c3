/**
 * What an installation costs a month, from public list prices and stated assumptions; no free tier is counted.
 *
 * In: the number of nodes. Out: US dollars by item. `infra/write-cost-table.ts` puts them into `infra/COST.md`; a test holds
 * the two equal.
 */
import { join } from "node:path";

/** List prices in US dollars, region us-east-1 (eu-west-1 is within 10 %), from the AWS pricing pages, as known in November 2026. */
export const PRICES = {
  lambdaGigabyteSecondArm: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  schedulerInvocation: 1 / 1e6,
  sqsRequest: 0.4 / 1e6,
  logsIngestedGigabyte: 0.5,
  logsStoredGigabyteMonth: 0.03,
  customMetricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
} as const;

/** What a month looks like. Change them to your own and run write-cost-table.ts. */
export const ASSUMPTIONS = {
  days: 30,
  resyncMinutes: 5,
  /** Every node is replaced once a day on average: a fleet with Spot instances and autoscaling. */
  launchesPerNodeAndDay: 1,
  /** Events that reach the queue for one machine's life: four states, two hooks, two activities, a warning every second time. */
  eventsPerLife: 8.5,
  /** Machines come in groups: that many events are handled by one run. */
  eventsPerRun: 10,
  memoryGigabytes: 0.5,
  /** A resync: fixed part, and the lists; a run for events reads single objects and the policies. */
  resyncSeconds: 0.5,
  resyncSecondsPerNode: 0.0015,
  eventRunSeconds: 1,
  /** Log lines of a run, the report and its metrics among them. */
  logKilobytesPerRun: 4,
  logMonthsKept: 3,
  /** A mapping keeps five long polls of 20 s open (docs/aws.md 4). */
  pollers: 5,
  pollSeconds: 20,
  /** Receive, change of visibility, delete and the send that EventBridge makes, per event; batches make it less. */
  sqsRequestsPerEvent: 2.5,
  /** Each is there by cluster, and by cluster and installation. */
  metrics: 38,
  alarms: 16,
  /** With hooks: a look at the waiting machines every minute. */
  hookLooks: 60 * 24,
  hookLookSeconds: 0.15,
} as const;

export type Cost = Readonly<
  Record<"lambda" | "queueAndSchedule" | "logs" | "metrics" | "alarms" | "dashboard" | "total", number>
>;

export function monthlyCost(nodes: number): Cost {
  const a = ASSUMPTIONS;
  const seconds = a.days * 86_400;
  const resyncs = seconds / (a.resyncMinutes * 60);
  const events = nodes * a.launchesPerNodeAndDay * a.days * a.eventsPerLife;
  const looks = a.days * a.hookLooks;
  const eventRuns = events / a.eventsPerRun;
  const runSeconds =
    resyncs * (a.resyncSeconds + nodes * a.resyncSecondsPerNode) +
    eventRuns * a.eventRunSeconds +
    looks * a.hookLookSeconds;
  const logGigabytes = ((resyncs + eventRuns) * a.logKilobytesPerRun) / 1e6;
  const polls = (a.pollers * seconds) / a.pollSeconds;
  const parts = {
    lambda:
      runSeconds * a.memoryGigabytes * PRICES.lambdaGigabyteSecondArm +
      (resyncs + eventRuns + looks) * PRICES.lambdaRequest,
    queueAndSchedule:
      (polls + events * a.sqsRequestsPerEvent) * PRICES.sqsRequest +
      (resyncs + looks) * PRICES.schedulerInvocation,
    logs: logGigabytes * (PRICES.logsIngestedGigabyte + a.logMonthsKept * PRICES.logsStoredGigabyteMonth),
    metrics: a.metrics * PRICES.customMetricMonth,
    alarms: a.alarms * PRICES.alarmMonth,
    dashboard: PRICES.dashboardMonth,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

/** The table as Markdown. */
export function costTable(fleets: readonly number[] = [10, 100, 1000]): string {
  const rows: readonly (readonly [label: string, key: keyof Cost])[] = [
    ["Lambda", "lambda"],
    ["SQS and Scheduler", "queueAndSchedule"],
    ["Logs", "logs"],
    [`${ASSUMPTIONS.metrics} metrics`, "metrics"],
    [`${ASSUMPTIONS.alarms} alarms`, "alarms"],
    ["Dashboard", "dashboard"],
    ["**Total**", "total"],
  ];
  const costs = fleets.map(monthlyCost);
  return [
    ["US dollars a month", ...fleets.map((nodes) => `${nodes.toLocaleString("en-US")} nodes`)],
    ["---", ...fleets.map(() => "---:")],
    ...rows.map(([label, key]) => [label, ...costs.map((cost) => cost[key].toFixed(2))]),
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

export const costFile = join(import.meta.dirname, "COST.md");
