/**
 * A cluster in stage `canary` with kubelets that are alive until told otherwise, a clock, and runs that may die before any
 * write. The template denies by default under a policy that allows all, so that the allow profile is a difference.
 */
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { readRolloutMark, type RolloutMark } from "../../../lib/model/rollout.ts";
import { haltName, ROLLOUT_ANNOTATION } from "../../../lib/names/names.ts";
import { reconcile, type Reconciliation } from "../../../lib/reconcile/reconcile.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { aGlobalNetworkPolicy, someSettings } from "../../builders/a-guard-request.ts";
import { aNodeObject, type NodeSketch } from "../../builders/a-node.ts";
import type { Call } from "../../fakes/cluster-faults.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

export const SOAK = 600;
export const HALT = haltName("hostendpoint-reconciler");

/** Whoever runs has a wrong clock, in every test: times come from the API server. */
const LOCAL_CLOCK_OFF_MILLISECONDS = 1_200_000;

export type StageOptions = {
  /** First letter: the node group. */
  readonly nodes?: readonly string[];
  readonly nodesPerGroup?: number;
  readonly probe?: boolean;
  /** Before each call of a run, and after each run: the world as it is. */
  readonly look?: (stage: Stage, call?: Call) => void | Promise<void>;
};

export type Stage = {
  readonly cluster: InMemoryCluster;
  now(): number;
  /** Time goes by; kubelets that are alive renew their leases. */
  pass(seconds: number): void;
  kill(node: string, how: "not-ready" | "lease" | "kubelet"): void;
  revive(node: string): void;
  isDead(node: string): boolean;
  /** What can be known from outside: Ready, and a lease that is at most 40 s beyond its 40 s. */
  looksAlive(node: string): boolean;
  put(node: string, sketch?: NodeSketch): void;
  run(options?: RunOptions): Promise<Reconciliation>;
  /** Dies before its write number `writes` (0: before the first). */
  crash(writes: number): Promise<void>;
  /** Names of the endpoints that are there. */
  endpoints(): readonly string[];
  endpoint(name: string): KubernetesObject | undefined;
  mark(name: string): RolloutMark | undefined;
};
export type RunOptions = {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly triggers?: readonly Trigger[];
};

const RESYNC: Trigger = { kind: "resync", source: "schedule" };
const DENYING = { endpoints: [{ profiles: [] }] };
const ALLOW_ALL = aGlobalNetworkPolicy("allow-all", {
  selector: "all()",
  types: ["Ingress", "Egress"],
  ingress: [{ action: "Allow" }],
  egress: [{ action: "Allow" }],
});

export function aStage(options: StageOptions = {}): Stage {
  const names = options.nodes ?? ["a-1", "a-2", "a-3", "b-1", "b-2"];
  let now = Date.parse("2026-11-22T00:00:00Z");
  let writesLeft = Number.POSITIVE_INFINITY;
  const dead = new Map<string, "not-ready" | "lease" | "kubelet">();
  const renewedAt = new Map<string, number>();
  const cluster = createInMemoryCluster({
    objects: [ALLOW_ALL],
    now: () => now,
    isKubeletSilent: (node) => dead.get(node) === "kubelet",
    beforeCall: async (call) => {
      await options.look?.(stage, call);
      if (call.verb !== "get" && call.verb !== "list" && writesLeft-- <= 0) throw new Error("crash");
    },
  });
  const put = (name: string, sketch: NodeSketch = {}) => {
    cluster.put(
      aNodeObject({
        name,
        addresses: [{ type: "InternalIP", address: `10.0.${name.charCodeAt(0)}.${name.slice(2)}` }],
        ready: dead.get(name) === "not-ready" ? "Unknown" : "True",
        ...sketch,
        labels: { "eks.amazonaws.com/nodegroup": name.slice(0, 1), ...sketch.labels },
      }),
    );
  };
  const renew = () => {
    for (const name of names) {
      if ((dead.get(name) ?? "kubelet") !== "kubelet") continue;
      cluster.put(aLease(name, now));
      renewedAt.set(name, now);
    }
  };
  const stage: Stage = {
    cluster,
    now: () => now,
    pass: (seconds) => {
      now += seconds * 1000;
      renew();
    },
    kill: (node, how) => {
      dead.set(node, how);
      put(node);
    },
    revive: (node) => {
      dead.delete(node);
      put(node);
      renew();
    },
    isDead: (node) => dead.has(node),
    looksAlive: (node) =>
      dead.get(node) !== "not-ready" && now - (renewedAt.get(node) ?? Number.NEGATIVE_INFINITY) <= 80_000,
    put,
    run: async ({ settings = {}, triggers = [RESYNC] } = {}) => {
      const canary = {
        soakSeconds: SOAK,
        nodesPerGroup: options.nodesPerGroup ?? 1,
        probe: options.probe ?? false,
      };
      const done = await reconcile(
        { triggers, mode: "apply" },
        {
          settings: someSettings({ ...DENYING, stage: "canary", canary, ...settings }),
          cluster: cluster.gateway,
          clock: { now: () => now + LOCAL_CLOCK_OFF_MILLISECONDS, sleep: async () => {} },
        },
        AbortSignal.timeout(30_000),
      );
      await options.look?.(stage);
      return done;
    },
    crash: async (writes) => {
      writesLeft = writes;
      await stage.run().catch(() => undefined);
      writesLeft = Number.POSITIVE_INFINITY;
    },
    endpoints: () => cluster.list(CALICO_V1, "hostendpoints").map((it) => it.metadata.name),
    endpoint: (name) => cluster.get(CALICO_V1, "hostendpoints", name),
    mark: (name) => readRolloutMark(stage.endpoint(name)?.metadata.annotations?.[ROLLOUT_ANNOTATION]),
  };
  names.forEach((it) => put(it));
  renew();
  return stage;
}

export function aLease(node: string, at: number): KubernetesObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: node, namespace: "kube-node-lease" },
    spec: { renewTime: new Date(at).toISOString(), leaseDurationSeconds: 40 },
  };
}
