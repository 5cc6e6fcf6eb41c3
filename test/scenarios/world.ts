/**
 * The stage on which the acceptance scenarios play: a real API server with Calico's CRDs, a fleet of Nodes, and the
 * reconciler as it runs in production: its own group, exactly the RBAC that `hepctl rbac` prints, a cold connection for
 * each run, through a proxy that misbehaves when a scenario says so.
 *
 *     describeScenario("scenario 7: ...", (world) => {
 *       test("...", async () => {
 *         await world().put(someNodeObjects(3));
 *         await world().run();
 *         expect(await world().endpointNames()).toEqual([...]);
 *       });
 *     });
 */
import { afterAll, beforeAll, beforeEach } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { settingsSchema } from "../../lib/config/settings.ts";
import { connectWithToken } from "../../lib/kubernetes/connection/connect-with-token.ts";
import { defaultTimeouts, type Timeouts } from "../../lib/kubernetes/connection/open-connection.ts";
import { decodeHostEndpoint } from "../../lib/model/read-host-endpoint.ts";
import { readObject } from "../../lib/model/read-object.ts";
import { CALICO_V1, type CalicoGroup } from "../../lib/model/calico-group.ts";
import type { HostEndpoint } from "../../lib/model/host-endpoint.ts";
import type { JsonObject, KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import type { Trigger } from "../../lib/model/trigger.ts";
import { rbacObjects } from "../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../lib/names/names.ts";
import type { InstanceReader } from "../../lib/ports/aws.ts";
import { systemClock, type Clock } from "../../lib/ports/clock.ts";
import type { ClusterGateway } from "../../lib/ports/kubernetes.ts";
import { reconcile, type Reconciliation } from "../../lib/reconcile/reconcile.ts";
import type { AnyObject } from "../control-plane/admin-client.ts";
import type { ControlPlane, ControlPlaneOptions } from "../control-plane/control-plane.ts";
import { describeWithControlPlane } from "../control-plane/describe-with-control-plane.ts";
import { groupVersionPath } from "../control-plane/resource-paths.ts";
import { startFaultProxy, type FaultProxy } from "../fakes/fault-proxy.ts";

export type RunOptions = {
  /** Default: a resync, as the schedule starts it. */
  readonly triggers?: readonly Trigger[];
  /** As in `infra/clusters/NAME.yaml`; what is absent has its default. */
  readonly settings?: unknown;
  readonly mode?: "apply" | "plan";
  readonly instances?: InstanceReader;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: as in production, which is long on a busy machine. */
  readonly timeouts?: Timeouts;
};

export type World = {
  readonly controlPlane: ControlPlane;
  /** Stands between the reconciler and the API server. All faults are taken away before each test. */
  readonly network: FaultProxy;
  /** Creates or replaces objects as an administrator. */
  put(objects: readonly KubernetesObject[]): Promise<void>;
  /** Deletes Nodes as an administrator. */
  removeNodes(...names: readonly string[]): Promise<void>;
  /** One run of the sentence over a connection of its own. */
  run(options?: RunOptions): Promise<Reconciliation>;
  /** A run that arranges the world: throws unless it converged. */
  settle(): Promise<void>;
  /** The same, for what is not the sentence: `release`, `adopt`. */
  withGateway<Result>(
    work: (gateway: ClusterGateway, signal: AbortSignal) => Promise<Result>,
    timeouts?: Timeouts,
  ): Promise<Result>;
  endpoints(group?: CalicoGroup): Promise<readonly HostEndpoint[]>;
  endpoint(name: string, group?: CalicoGroup): Promise<HostEndpoint>;
  endpointNames(group?: CalicoGroup): Promise<readonly string[]>;
  /** HostEndpoint writes that reached the API server since the last reset of the request log, as `verb name`. Sorted. */
  writes(): Promise<readonly string[]>;
};

const runBudgetMilliseconds = 60_000;

/** `describe` for one scenario: one control plane for all its tests, emptied before each of them (unless it has a `fleet`). */
export function describeScenario(
  name: string,
  tests: (world: () => World) => void,
  options: Pick<ControlPlaneOptions, "definitions" | "flags"> & {
    /** A large fleet that is put once, and that the tests leave as it is. */
    readonly fleet?: readonly KubernetesObject[];
  } = {},
): void {
  const { fleet, ...controlPlaneOptions } = options;
  describeWithControlPlane(
    name,
    (controlPlane) => {
      let world: World | undefined;
      beforeAll(async () => {
        world = await createWorld(controlPlane());
        await world.put(fleet ?? []);
      });
      beforeEach(async () => {
        world?.network.heal();
        if (fleet === undefined) await controlPlane().resetObjects();
        await controlPlane().requests.reset();
      });
      afterAll(() => world?.network.stop());
      tests(() => {
        if (world === undefined) throw new Error("the world exists only while tests run");
        return world;
      });
    },
    { ...controlPlaneOptions, users: [{ name: KUBERNETES_USER, groups: [KUBERNETES_GROUP] }] },
  );
}

async function createWorld(controlPlane: ControlPlane): Promise<World> {
  await controlPlane.apply(rbacObjects());
  const network = await startFaultProxy({
    target: controlPlane.url,
    targetCaPem: await readFile(controlPlane.caFile, "utf8"),
  });
  const withGateway: World["withGateway"] = async (work, timeouts = defaultTimeouts) => {
    const connection = connectWithToken({
      endpoint: network.url,
      caPem: network.caPem,
      token: () => Promise.resolve(controlPlane.tokenOf(KUBERNETES_USER)),
      timeouts,
    });
    try {
      return await work(connection.gateway, AbortSignal.timeout(runBudgetMilliseconds));
    } finally {
      await connection.close();
    }
  };
  const endpoints: World["endpoints"] = async (group = CALICO_V1) => {
    const { items } = await controlPlane.admin.list(`${groupVersionPath(group)}/hostendpoints`);
    return items.map((it) => decodeHostEndpoint(group, readObject(asJson(it), group, "HostEndpoint")));
  };
  const run: World["run"] = (options = {}) =>
    withGateway(
      (cluster, signal) =>
        reconcile(
          {
            triggers: options.triggers ?? [{ kind: "resync", source: "schedule" }],
            mode: options.mode ?? "apply",
          },
          {
            settings: settingsSchema.parse(options.settings ?? {}),
            // Whoever moves the clock moves the server's, too.
            cluster: options.clock === undefined ? cluster : { ...cluster, serverTime: () => undefined },
            clock: options.clock ?? systemClock,
            ...(options.instances === undefined ? {} : { instances: options.instances }),
          },
          signal,
        ),
      options.timeouts,
    );
  return {
    controlPlane,
    network,
    put: async (objects) =>
      void (await controlPlane.apply(objects.map((it) => ({ ...it, metadata: { ...it.metadata } })))),
    removeNodes: async (...names) =>
      void (await controlPlane.admin.forEach(names, (it) =>
        controlPlane.admin.remove(`/api/v1/nodes/${it}`),
      )),
    withGateway,
    run,
    settle: async () => {
      const { report } = await run();
      if (report.status !== "converged")
        throw new Error(`the world did not settle: ${JSON.stringify(report, null, 1)}`);
    },
    endpoints,
    endpoint: async (name, group) => {
      const found = (await endpoints(group)).find((it) => it.name === name);
      if (found === undefined) throw new Error(`there is no HostEndpoint ${name}`);
      return found;
    },
    endpointNames: async (group) => (await endpoints(group)).map((it) => it.name),
    writes: async () => {
      const all = await controlPlane.requests.list({ resource: "hostendpoints" });
      return all
        .filter((it) => it.verb !== "get" && it.verb !== "list")
        .map((it) => `${it.verb} ${it.name}`)
        .sort();
    },
  };
}

/** What an HTTP client parsed is JSON. */
function asJson(object: AnyObject): JsonObject {
  return object as JsonObject;
}
