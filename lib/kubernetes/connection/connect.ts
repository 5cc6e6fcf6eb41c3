/**
 * What every way of connecting has in common: a connection, credentials, and the ports on top of them.
 */
import { type Clock, systemClock } from "../../ports/clock.ts";
import type { ClusterGateway } from "../../ports/kubernetes.ts";
import { type AccessReader, createAccessReader } from "../probes/access-facts.ts";
import { createClusterGateway } from "../cluster-gateway.ts";
import type { ConnectionPlan } from "./connection-plan.ts";
import { defaultTimeouts, openConnection, type Timeouts } from "./open-connection.ts";
import { probe, type ProbeResult } from "../probes/probe.ts";
import { createTransport, type RequestObserver } from "./transport.ts";

/** What a caller may say about any connection; all optional. */
export type ConnectOptions = {
  /** Requests under way at the same time; make it `settings.limits.concurrency`. Default 16. */
  readonly connections?: number;
  readonly timeouts?: Timeouts;
  readonly clock?: Clock;
  /** Called after each HTTP exchange: the ApiRequests metric, and tests that count. */
  readonly onRequest?: RequestObserver;
};

/** How requests travel; what was not tested on the way must not be called good. */
export type WayIn = {
  /** False for `http://`: no TLS, and nothing that proves who we are is sent. */
  readonly encrypted: boolean;
  /** `scheme://host:port` without credentials; undefined: straight. */
  readonly proxy: string | undefined;
  /** What a person should know before: whole sentences. */
  readonly notes: readonly string[];
};

export type ClusterConnection = {
  readonly gateway: ClusterGateway;
  /** What `doctor` asks: version, identity, permissions. */
  readonly access: AccessReader;
  /** Goes from hop to hop and names the first that fails; throws nothing. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
  /** `https://host:port` */
  readonly endpoint: string;
  readonly way: WayIn;
  /** Ends every connection of the pool. */
  close(): Promise<void>;
};

export function connect(plan: ConnectionPlan, options: ConnectOptions): ClusterConnection {
  const timeouts = options.timeouts ?? defaultTimeouts;
  const connection = openConnection({
    endpoint: plan.endpoint,
    tls: plan.tls,
    proxy: plan.proxy,
    connections: options.connections ?? 16,
    timeouts,
  });
  const transport = createTransport({
    connection,
    credentials: plan.credentials,
    clock: options.clock ?? systemClock,
    onRequest: options.onRequest ?? (() => {}),
  });
  const access = createAccessReader(transport);
  return {
    gateway: createClusterGateway(transport),
    access,
    probe: (signal) => probe({ plan, access, timeoutMilliseconds: timeouts.connect }, signal),
    endpoint: plan.endpoint.origin,
    way: {
      encrypted: plan.endpoint.protocol === "https:",
      proxy: plan.proxy === undefined ? undefined : `${plan.proxy.protocol}//${plan.proxy.host}`,
      notes: plan.notes ?? [],
    },
    close: () => connection.close(),
  };
}
