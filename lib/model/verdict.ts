/** What Calico does to a flow, why, and every step on the way (calico-semantics 9, 10, 15). */
export type Verdict = {
  readonly verdict: "allow" | "deny" | "unknown";
  readonly reason: VerdictReason;
  readonly decidedBy: DecidedBy;
  /** Every step in order, one sentence each. Empty unless asked for. */
  readonly path: readonly string[];
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

export type VerdictReason =
  /** No HostEndpoint governs the interface: Calico has no opinion. */
  | "not-governed"
  | "failsafe"
  | "rule"
  | "profile"
  | "end-of-tier"
  | "no-profile"
  | "missing-profile"
  | "forward-default"
  | "host-to-own-pod"
  | "pod-to-host-action"
  | "pod-policy"
  | "encapsulation"
  | "untracked-reply"
  /** Unknown: the rest. Each says what would have to be known. */
  | "unknown-interface"
  | "unknown-node"
  | "unknown-set-members"
  | "unknown-service"
  | "unknown-kernel-chain"
  | "unknown-neighbour"
  | "nonsense-flow";
