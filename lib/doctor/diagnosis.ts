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
  /** `not-tested`: requests went on behind it, but nobody looked at it by itself, or it does not exist. */
  readonly outcome: "passed" | "failed" | "not-reached" | "not-tested";
  /** What happened and what to do, when it failed; why, when it was not tested. */
  readonly detail: string;
};

/** The first hop that failed, if any. */
export type HopFailure = { readonly hop: Hop; readonly message: string };

/** Hops that nobody looks at on this way in, each with the reason. */
export type UntestedHops = Readonly<Partial<Record<Hop, string>>>;

/** Every hop with its outcome; `without` names hops that this way in does not have. */
export function hopResults(
  failure: HopFailure | undefined,
  without: readonly Hop[],
  untested: UntestedHops = {},
): readonly HopResult[] {
  const hops = HOPS.filter((it) => !without.includes(it));
  const failedAt = failure === undefined ? hops.length : hops.indexOf(failure.hop);
  return hops.map((hop, index) => {
    if (index === failedAt) return { hop, outcome: "failed", detail: failure?.message ?? "" };
    if (index > failedAt) return { hop, outcome: "not-reached", detail: "" };
    const reason = untested[hop];
    return reason === undefined
      ? { hop, outcome: "passed", detail: "" }
      : { hop, outcome: "not-tested", detail: reason };
  });
}
