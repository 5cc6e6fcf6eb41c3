/**
 * Every alarm of the template on a metric of ours is raised and cleared once by what the real handlers print, through an evaluation as
 * CloudWatch does it; and two installations in one cluster do not hear of each other.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html (periods, missing data).
 */
import { describe, expect, test } from "@jest/globals";
import { createReconcileHandler } from "../../functions/reconcile/create-handler.ts";
import { answerRelease } from "../../functions/release/answer-release.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import { CALICO_V1 } from "../../lib/model/calico-group.ts";
import { METRIC_NAMESPACE } from "../../lib/names/names.ts";
import { metricsLines, type MetricValues } from "../../lib/observability/metrics-line.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { denyAll } from "../builders/a-deny-all.ts";
import { aNodeObject } from "../builders/a-node.ts";
import {
  aContext,
  anInstance,
  CLUSTER,
  functionWorld,
  type FunctionWorld,
} from "../functions/function-world.ts";
import { aTemplate, resourcesOf } from "./a-stack.ts";

type Dimension = { readonly Name: string; readonly Value: string };
type MetricStat = {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly Dimension[];
};
type AlarmProperties = Partial<MetricStat> & {
  readonly AlarmName: string;
  readonly Period?: number;
  readonly Statistic?: string;
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: MetricStat; readonly Period: number; readonly Stat: string };
  }[];
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
};
type State = "OK" | "ALARM";
type Point = {
  readonly at: number;
  readonly name: string;
  readonly dimensions: string;
  readonly values: readonly number[];
};

/** The metrics that a log line in the embedded format makes. */
function pointsOf(line: string): readonly Point[] {
  const record = JSON.parse(line) as Readonly<Record<string, unknown>> & {
    readonly _aws: {
      readonly Timestamp: number;
      readonly CloudWatchMetrics: readonly {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: string }[];
      }[];
    };
  };
  return record._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        at: record._aws.Timestamp,
        name: Name,
        dimensions: names
          .map((it) => `${it}=${String(record[it])}`)
          .sort()
          .join(" "),
        values: [record[Name]].flat() as readonly number[],
      })),
    ),
  );
}

/** One alarm of a template, with its own idea of the state. */
class Alarm {
  state: State = "OK";
  readonly name: string;
  readonly #properties: AlarmProperties;
  readonly #metric: MetricStat | undefined;
  readonly period: number;

  constructor(properties: AlarmProperties) {
    this.#properties = properties;
    this.name = properties.AlarmName;
    const stat = properties.Metrics?.find((it) => it.MetricStat !== undefined)?.MetricStat;
    this.#metric =
      stat?.Metric ?? (properties.Namespace === undefined ? undefined : (properties as MetricStat));
    this.period = (stat?.Period ?? properties.Period ?? 60) * 1000;
  }

  get isOurs(): boolean {
    return this.#metric?.Namespace === METRIC_NAMESPACE;
  }

  /** Milliseconds: the end of the newest period that counts. */
  evaluate(points: readonly Point[], at: number): void {
    const { EvaluationPeriods, DatapointsToAlarm, Threshold, TreatMissingData, Metrics } = this.#properties;
    const wanted = (this.#metric?.Dimensions ?? [])
      .map((it) => `${it.Name}=${it.Value}`)
      .sort()
      .join(" ");
    const mine = points.filter((it) => it.name === this.#metric?.MetricName && it.dimensions === wanted);
    const isFilled = Metrics?.some((it) => it.Expression?.startsWith("FILL(") === true) === true;
    const isBelow = this.#properties.ComparisonOperator === "LessThanThreshold";
    let bad = 0;
    let seen = 0;
    for (let back = 0; back < EvaluationPeriods; back++) {
      const end = at - back * this.period;
      const values = mine
        .filter((it) => it.at >= end - this.period && it.at < end)
        .flatMap((it) => it.values);
      const value =
        values.length === 0 ? (isFilled ? 0 : undefined) : isFilled ? sum(values) : Math.max(...values);
      if (value === undefined) {
        if (TreatMissingData === "breaching") bad += 1;
        continue;
      }
      seen += 1;
      if (isBelow ? value < Threshold : value >= Threshold) bad += 1;
    }
    if (seen === 0 && TreatMissingData === "ignore") return;
    this.state = bad >= DatapointsToAlarm ? "ALARM" : "OK";
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, it) => total + it, 0);
}

const EVERY_MINUTES = [1, 5, 15, 60] as const;
const id = "i-0a1b2c3d4e5f60001";
const node = "ip-10-0-1-5.eu-west-1.compute.internal";
const registered = aNodeObject({ name: node, providerId: `aws:///eu-west-1a/${id}` });

/** An installation whose handlers print metrics, and whose alarms look at them, period by period of the schedule. */
class Watched {
  readonly world: FunctionWorld;
  readonly points: Point[] = [];
  readonly alarms: readonly Alarm[];
  now = Date.parse("2026-11-25T00:00:00Z");
  readonly #minutes: number;
  readonly #id: string;
  #told = 0;

  constructor(minutes: number, world: FunctionWorld, installation = "hostendpoint-reconciler") {
    this.#minutes = minutes;
    this.#id = installation;
    this.world = world;
    const template = aTemplate({
      id: installation,
      schedule: `rate(${minutes} minute${minutes === 1 ? "" : "s"})`,
      autoScalingGroups: ["prod-workers"],
    });
    this.alarms = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm"))
      .map((it) => new Alarm(it.Properties as AlarmProperties))
      .filter((it) => it.isOurs);
  }

  stateOf(runbook: string): State {
    const alarm = this.alarms.find((it) => it.name.endsWith(`-${runbook}`));
    if (alarm === undefined) throw new Error(`no alarm ${runbook}`);
    return alarm.state;
  }

  print(values: MetricValues): void {
    for (const line of metricsLines({ cluster: CLUSTER.name, id: this.#id }, values, this.now))
      this.points.push(...pointsOf(line));
  }

  /** One interval of the schedule: something runs, then time passes, a minute at a time. */
  async interval(run: () => Promise<unknown>): Promise<void> {
    await run();
    // The memory of the process that runs this test is none of the function's.
    for (const values of this.world.measured.slice(this.#told))
      this.print("MemoryMegabytes" in values ? { ...values, MemoryMegabytes: 100 } : values);
    this.#told = this.world.measured.length;
    for (let minute = 0; minute < this.#minutes; minute++) {
      this.now += 60_000;
      for (const alarm of this.alarms) alarm.evaluate(this.points, this.now);
    }
  }

  async intervals(count: number, run: () => Promise<unknown>): Promise<void> {
    for (let done = 0; done < count; done++) await this.interval(run);
  }

  resync = () =>
    createReconcileHandler(this.world.ports, this.world.log)(
      { action: "reconcile", source: "schedule" },
      aContext(),
    );
}

const nothing = () => Promise.resolve();
/** Names of the alarms that ring. */
const ringing = (watched: Watched) =>
  watched.alarms.filter((it) => it.state === "ALARM").map((it) => it.name);

describe.each(EVERY_MINUTES)("with a run every %i minutes", (minutes) => {
  // An alarm looks at five minutes at least: several runs, when the schedule is faster.
  const few = Math.max(1, Math.ceil(5 / minutes));

  test("nothing rings while all is well", async () => {
    const watched = new Watched(minutes, functionWorld({ objects: [registered] }));
    await watched.intervals(4 * few, watched.resync);
    expect(ringing(watched)).toEqual([]);
  });

  test("runs-missing", async () => {
    const watched = new Watched(minutes, functionWorld({ objects: [registered] }));
    await watched.intervals(4, watched.resync);
    await watched.intervals(2 * few + 4, nothing);
    expect(ringing(watched)).toEqual(["hostendpoint-reconciler-prod-runs-missing"]);
    await watched.intervals(2 * few, watched.resync);
    expect(watched.stateOf("runs-missing")).toBe("OK");
  });

  test("endpoints-withheld and nodes-unprotected", async () => {
    const watched = new Watched(minutes, functionWorld({ objects: [registered, denyAll] }));
    await watched.intervals(2 * few, watched.resync);
    expect(watched.stateOf("endpoints-withheld")).toBe("ALARM");
    await watched.intervals(3 * few, watched.resync);
    expect(watched.stateOf("nodes-unprotected")).toBe("ALARM");
    watched.world.cluster.remove(CALICO_V1, "globalnetworkpolicies", "default.deny");
    await watched.intervals(4 * few, watched.resync);
    expect(ringing(watched)).toEqual([]);
  });

  test("endpoints-failed", async () => {
    const watched = new Watched(minutes, functionWorld({ objects: [registered] }));
    const stop = watched.world.cluster.fail({
      verb: "create",
      resource: "hostendpoints",
      as: "server-error",
    });
    await watched.intervals(3 * few, watched.resync);
    expect(watched.stateOf("endpoints-failed")).toBe("ALARM");
    stop();
    await watched.intervals(4 * few, watched.resync);
    expect(ringing(watched)).toEqual([]);
  });

  test("endpoints-stale", async () => {
    const { limits } = settingsSchema.parse({ limits: { deletes: 0 } });
    const gone = "ip-10-0-1-9.eu-west-1.compute.internal";
    const world = functionWorld({
      objects: [registered, aHostEndpointObject({ node: gone, name: gone })],
      settings: { limits },
    });
    const watched = new Watched(minutes, world);
    await watched.intervals(4 * few, watched.resync);
    expect(watched.stateOf("endpoints-stale")).toBe("ALARM");
    world.cluster.remove(CALICO_V1, "hostendpoints", gone);
    await watched.intervals(4 * few, watched.resync);
    expect(ringing(watched)).toEqual([]);
  });

  test("hooks-unanswered", async () => {
    const world = functionWorld();
    world.ec2.set(id, anInstance(id, node, { launchedAt: "2020-01-01T00:00:00Z" }));
    world.waiting = [{ autoScalingGroup: "prod-workers", instanceId: id, transition: "launch" }];
    const watched = new Watched(1, world);
    const look = () =>
      createReconcileHandler(world.ports, world.log)({ action: "hooks", source: "schedule" }, aContext());
    await watched.intervals(11, look);
    expect(watched.stateOf("hooks-unanswered")).toBe("ALARM");
    world.waiting = [];
    await watched.intervals(11, look);
    expect(watched.stateOf("hooks-unanswered")).toBe("OK");
  });
});

describe("release-failed", () => {
  const signal = new AbortController().signal;
  const releaseOf = (world: FunctionWorld, confirm: string = CLUSTER.name) =>
    answerRelease({ action: "release", nodes: [], confirm }, world.ports, {
      log: world.log,
      signal,
      reporting: signal,
    });

  test("rings for nodes without their traffic, clears, and not for a typo", async () => {
    const world = functionWorld({ objects: [registered, aHostEndpointObject({ node, name: node })] });
    const watched = new Watched(1, world);
    await watched.interval(() => releaseOf(world, "prd").catch(() => undefined));
    expect(watched.stateOf("release-failed")).toBe("OK");
    const stop = world.cluster.fail({ verb: "delete", resource: "hostendpoints", as: "server-error" });
    await watched.interval(() => releaseOf(world));
    expect(watched.stateOf("release-failed")).toBe("ALARM");
    stop();
    await watched.intervals(2, () => releaseOf(world));
    expect(watched.stateOf("release-failed")).toBe("OK");
  });

  test("rings when the cluster cannot be reached", async () => {
    const world = functionWorld({ objects: [registered] });
    const watched = new Watched(1, world);
    world.cluster.fail({ as: "timeout" });
    await watched.interval(() => releaseOf(world).catch(() => undefined));
    expect(watched.stateOf("release-failed")).toBe("ALARM");
  });
});

test("function-memory rings near the limit, and clears", async () => {
  const watched = new Watched(5, functionWorld());
  await watched.intervals(3, async () => watched.print({ MemoryMegabytes: 500 }));
  expect(watched.stateOf("function-memory")).toBe("ALARM");
  await watched.intervals(3, async () => watched.print({ MemoryMegabytes: 200 }));
  expect(watched.stateOf("function-memory")).toBe("OK");
});

test("two installations in one cluster do not hear of each other: every metric crossed with every alarm", async () => {
  const one = new Watched(5, functionWorld({ objects: [registered, denyAll] }), "one");
  const two = new Watched(5, functionWorld({ objects: [registered] }), "two");
  const bad: MetricValues = {
    Withheld: 1,
    Failed: 1,
    Unprotected: 1,
    Stale: 1,
    HooksUnanswered: 1,
    FlowsDenied: 1,
    DeletesWaiting: 1,
    ReleaseFailed: 1,
    MemoryMegabytes: 500,
    Succeeded: 0,
  };
  const good: MetricValues = {
    Withheld: 0,
    Failed: 0,
    Unprotected: 0,
    Stale: 0,
    HooksUnanswered: 0,
    FlowsDenied: 0,
    DeletesWaiting: 0,
    ReleaseFailed: 0,
    MemoryMegabytes: 1,
    Succeeded: 1,
  };
  const rang = new Set<string>();
  for (let interval = 0; interval < 4; interval++) {
    one.print(bad);
    two.print(good);
    const all = [...one.points, ...two.points];
    for (let minute = 0; minute < 5; minute++)
      for (const watched of [one, two]) {
        watched.now += 60_000;
        for (const alarm of watched.alarms) alarm.evaluate(all, watched.now);
        for (const name of ringing(watched)) rang.add(name);
      }
  }
  expect(one.alarms.length).toBeGreaterThan(6);
  expect([...rang].sort()).toEqual(one.alarms.map((it) => it.name).sort());
});
