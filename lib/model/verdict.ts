import type { VerdictReason } from "./words/verdict-reasons.ts";

export type { VerdictReason };

/** What Calico does to a flow, why, and every step on the way (docs/calico.md 9, 10, 15). */
export type Verdict = {
  readonly verdict: "allow" | "deny" | "unknown";
  readonly reason: VerdictReason;
  readonly decidedBy: DecidedBy;
  /** Every step in order, one sentence each. Empty unless asked for. */
  readonly path: readonly string[];
  /**
   * Fate of the answer, when untracked (doNotTrack) policy has a say in it. Absent: the answer passes as part of the connection.
   * A request that is allowed and an answer that is not make a broken flow (docs/calico.md 15).
   */
  readonly reply?: { readonly verdict: "allow" | "deny" | "unknown"; readonly decidedBy: DecidedBy };
  /** What each of the versions that may run does, newest first; absent unless they disagree. */
  readonly readings?: readonly VerdictOfVersions[];
};

export type VerdictOfVersions = {
  /** `v3.32.0 to master` */
  readonly calico: string;
  readonly verdict: "allow" | "deny" | "unknown";
  readonly reason: VerdictReason;
  readonly decidedBy: DecidedBy;
};

export type Hook = "untracked" | "preDNAT" | "forward" | "normal";
export type DecidedBy = {
  readonly hook?: Hook;
  readonly hostEndpoint?: string;
  readonly tier?: string;
  readonly policy?: string;
  /** Index of the rule in its list. */
  readonly rule?: number;
  readonly profile?: string;
};
