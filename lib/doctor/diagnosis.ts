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
  readonly calico: { readonly group: CalicoGroup | ""; readonly version: string; readonly nodeImage: string };
  readonly permissions: { readonly asked: number; readonly granted: number };
  readonly nodes: { readonly total: number; readonly protected: number };
  /** Sorted. */
  readonly findings: readonly Finding[];
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
