import type { CalicoGroup } from "../model/calico-group.ts";
import type { Finding } from "../model/finding.ts";

/** What `doctor` says: the way to the cluster, what is there, and what a person should mend. */
export type Diagnosis = {
  /** `unreachable`: it could not look. */
  readonly status: "healthy" | "findings" | "unreachable";
  /** `https://host:port`; empty when not even that is known. */
  readonly server: string;
  readonly hops: readonly HopResult[];
  readonly kubernetes: {
    readonly version: string;
    readonly user: string;
    readonly groups: readonly string[];
  };
  readonly calico: {
    readonly group: CalicoGroup | "";
    /** What ClusterInformation/default says. */
    readonly version: string;
    /** Of the first of the agents. */
    readonly nodeImage: string;
    /** Who enforces. Sorted by namespace and name. */
    readonly agents: readonly DiagnosedAgent[];
  };
  readonly permissions: { readonly asked: number; readonly granted: number };
  readonly nodes: { readonly total: number; readonly protected: number };
  /** Sorted. */
  readonly findings: readonly Finding[];
};

/** A DaemonSet that runs Felix. */
export type DiagnosedAgent = {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  /** What the image's tag says; empty when it says none. */
  readonly version: string;
  /** Nodes that it runs on, or may. */
  readonly covers: number;
  /** Pods, as its status says. */
  readonly desired: number;
  readonly ready: number;
};

/** In the order in which a request passes them. */
export const HOPS = [
  "credentials",
  "describe-cluster",
  "dns",
  "tcp",
  "tls",
  "server",
  "authentication",
  "authorization",
] as const;
export type Hop = (typeof HOPS)[number];
export type HopResult = {
  readonly hop: Hop;
  readonly outcome: "passed" | "failed" | "not-reached";
  /** What happened and what to do, when it failed. */
  readonly detail: string;
};

/** The first hop that failed, if any. */
export type HopFailure = { readonly hop: Hop; readonly message: string };

/** Every hop with its outcome; `without` names hops that this way in does not have. */
export function hopResults(failure: HopFailure | undefined, without: readonly Hop[]): readonly HopResult[] {
  const hops = HOPS.filter((it) => !without.includes(it));
  const failedAt = failure === undefined ? hops.length : hops.indexOf(failure.hop);
  return hops.map((hop, index) => ({
    hop,
    outcome: index < failedAt ? "passed" : index === failedAt ? "failed" : "not-reached",
    detail: index === failedAt ? (failure?.message ?? "") : "",
  }));
}
