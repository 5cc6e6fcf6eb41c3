/** The functions on a world in memory: a cluster, EC2, Auto Scaling, the queue's clock, the mark; and what was said and measured. */
import type { Context } from "aws-lambda";
import { keyOf } from "../../functions/reconcile/answer-hooks.ts";
import type { FunctionPorts } from "../../functions/shared/compose.ts";
import type { UsableConnection } from "../../functions/shared/compose-cluster.ts";
import { settingsSchema, type Settings } from "../../lib/config/settings.ts";
import { ThrottledError } from "../../lib/model/errors.ts";
import type { Instance } from "../../lib/model/instance.ts";
import type { WaitingInstance } from "../../lib/ports/aws.ts";
import { createLogger, type Logger } from "../../lib/observability/create-logger.ts";
import type { MetricValues } from "../../lib/observability/metrics-line.ts";
import {
  createInMemoryCluster,
  type InMemoryCluster,
  type InMemoryClusterOptions,
} from "../fakes/in-memory-cluster.ts";

export type FunctionWorld = {
  readonly ports: FunctionPorts;
  readonly cluster: InMemoryCluster;
  readonly ec2: Map<string, Instance>;
  /** The ids of each DescribeInstances, in order. */
  readonly described: (readonly string[])[];
  /** `complete TOKEN CONTINUE`, `heartbeat TOKEN`, in order. */
  readonly hookCalls: string[];
  /** Tokens whose next answer is refused. */
  readonly refusedTokens: Set<string>;
  /** `RECEIPT SECONDS`. */
  readonly postponed: string[];
  mark: "armed" | "released";
  readonly measured: MetricValues[];
  /** Parsed log lines. */
  readonly logged: Record<string, unknown>[];
  readonly log: Logger;
  /** What each `keep` was asked for. */
  readonly hooksKept: (readonly string[])[];
  /** What waits in Auto Scaling. */
  waiting: readonly WaitingInstance[];
  pausedUntil: number;
};

export type FunctionWorldOptions = InMemoryClusterOptions & { readonly settings?: Partial<Settings> };

export const CLUSTER = { name: "prod", region: "eu-west-1", account: "111122223333" } as const;

export function functionWorld(options: FunctionWorldOptions = {}): FunctionWorld {
  const cluster = createInMemoryCluster(options);
  const ec2 = new Map<string, Instance>();
  const logged: Record<string, unknown>[] = [];
  const log = createLogger("debug", {}, (line) => logged.push(JSON.parse(line) as Record<string, unknown>));
  const settings = {
    ...settingsSchema.parse({ cluster: CLUSTER, autoScalingGroups: ["prod-workers"] }),
    ...options.settings,
  };
  const refusedTokens = new Set<string>();
  const refuse = (token: string) => {
    if (refusedTokens.delete(token)) throw new ThrottledError("injected", undefined);
  };
  const world: FunctionWorld = {
    cluster,
    ec2,
    described: [],
    hookCalls: [],
    refusedTokens,
    postponed: [],
    mark: "armed",
    measured: [],
    logged,
    log,
    hooksKept: [],
    waiting: [],
    pausedUntil: 0,
    ports: {
      settings: { ...settings, cluster: CLUSTER },
      origin: { version: "0.0.0", file: "infra/clusters/prod.yaml" },
      clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
      cluster: { use: (work) => work(connectionTo(cluster)), requests: () => cluster.calls.length },
      instances: {
        describeInstances: (ids) => {
          world.described.push(ids);
          return Promise.resolve(ids.flatMap((id) => ec2.get(id) ?? []));
        },
      },
      lifecycle: {
        complete: async (hook, result) => {
          refuse(keyOf(hook));
          world.hookCalls.push(`complete ${keyOf(hook)} ${result}`);
          return Promise.resolve("completed");
        },
        heartbeat: async (hook) => {
          refuse(keyOf(hook));
          world.hookCalls.push(`heartbeat ${keyOf(hook)}`);
          return Promise.resolve("extended");
        },
        waiting: () => Promise.resolve(world.waiting),
      },
      hooks: {
        keep: (wanted) => {
          world.hooksKept.push(wanted.map((it) => `${it.name} ${it.defaultResult}`));
          return Promise.resolve({ put: [], removed: [], failures: [] });
        },
        letGo: (groups) => {
          world.hookCalls.push(...groups.map((it) => `let go ${it}`));
          return Promise.resolve({ put: [], removed: [], failures: [] });
        },
      },
      hooksPause: {
        until: () => Promise.resolve(world.pausedUntil),
        pause: (until) => {
          world.pausedUntil = until;
          return Promise.resolve();
        },
      },
      mark: {
        read: () => Promise.resolve(world.mark),
        write: (mark) => {
          world.mark = mark;
          return Promise.resolve();
        },
      },
      queue: {
        postpone: (_queue, postponements) => {
          world.postponed.push(...postponements.map((it) => `${it.receiptHandle} ${it.delaySeconds}`));
          return Promise.resolve([]);
        },
      },
      measure: (values) => world.measured.push(values),
    },
  };
  return world;
}

/** A connection whose way in works and whose user may do everything. */
function connectionTo({ gateway }: InMemoryCluster): UsableConnection {
  return {
    gateway,
    endpoint: "https://in-memory",
    probe: () => Promise.resolve({ ok: true, version: "v1.34.4" }),
    access: {
      version: () => Promise.resolve({ gitVersion: "v1.34.4", platform: "linux/amd64" }),
      whoAmI: () => Promise.resolve({ user: "hostendpoint-reconciler", groups: ["hostendpoint-reconciler"] }),
      may: () => Promise.resolve({ allowed: true, reason: "" }),
      rules: () => Promise.resolve({ rules: [], complete: false }),
    },
  };
}

/** An instance as EC2 says it, of the cluster `prod` unless told otherwise. */
export function anInstance(instanceId: string, node: string, changes: Partial<Instance> = {}): Instance {
  return {
    instanceId,
    state: "running",
    privateDnsName: node,
    availabilityZone: "eu-west-1a",
    clusters: ["prod"],
    ...changes,
  };
}

/** A batch as Lambda's poller hands it over; message ids are `m0`, `m1` and so on. */
export function sqsBatch(bodies: readonly unknown[], deliveries = 1) {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `r${index}`,
      body: typeof body === "string" ? body : JSON.stringify(body),
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-west-1:111122223333:events",
      attributes: { ApproximateReceiveCount: String(deliveries) },
    })),
  };
}

/** What Lambda hands a handler beside the event. */
export function aContext(remainingMilliseconds = 30_000): Context {
  const started = Date.now();
  return {
    awsRequestId: "request-1",
    functionName: "hostendpoint-reconciler-prod-reconcile",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:111122223333:function:f",
    memoryLimitInMB: "512",
    logGroupName: "g",
    logStreamName: "s",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => remainingMilliseconds - (Date.now() - started),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
