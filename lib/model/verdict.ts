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
  /** It belongs to a connection that is let through; only untracked policy could stop it. */
  | "conntrack-related"
  /** Connection tracking knows no connection for it: ICMP answers and errors out of nowhere. */
  | "conntrack-invalid"
  /** Untracked policy accepted it, so it is not NATed and never reaches where the service would have sent it. */
  | "untracked-skips-dnat"
  /** The interface bears a workload prefix, but no pod is behind it: Felix drops what comes from there. */
  | "covered-interface"
  /** Unknown: the rest. Each says what would have to be known. */
  | "unknown-interface"
  /** The profile of a namespace or a service account, and those were not read. */
  | "unknown-profile"
  | "unknown-node"
  | "unknown-set-members"
  /** A policy has a selector or a list beyond what is looked at: what it selects and matches is undecidable. */
  | "unknown-selector"
  | "unknown-service"
  | "unknown-kernel-chain"
  | "unknown-neighbour"
  /** The pod is not in the world, or policies for pods were not read. */
  | "unknown-pod"
  /** Any ephemeral port is meant, and only some of them match a rule. */
  | "unknown-source-port"
  | "unknown-icmp-type"
  /** A rule's action is no word of Calico's: Felix crashes when it renders it. */
  | "unknown-action"
  /** Felix cannot run with its configuration: what is programmed is what was before. */
  | "unknown-felix"
  /** Whether Felix programs iptables or nftables follows kube-proxy, which is not known, and the two differ here. */
  | "unknown-dataplane"
  /** The versions of Calico that may run disagree; `readings` says how. */
  | "calico-version"
  | "nonsense-flow";
