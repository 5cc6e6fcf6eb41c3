import type { VersionRange } from "../version/calico-version.ts";

/**
 * What an object that the API accepted does to Calico.
 * - `freeze`: nobody can read objects of its kind any more: later changes are not programmed, and a Felix that starts
 *   afresh enforces nothing. - `crash-loop`: Felix restarts again and again on every node that is concerned.
 * - `drops-object`: Felix ignores the object; for a HostEndpoint that leaves the interface open.
 * - `drops-rule`: Felix leaves a rule out, which can never match. - `stalls-controllers`: kube-controllers waits for ever,
 *   and makes no host endpoints. - `undecidable`: it is larger than what is looked at here; flows that it could touch are unknown.
 */
export type PoisonEffect =
  "freeze" | "crash-loop" | "drops-object" | "drops-rule" | "stalls-controllers" | "undecidable";

/** What has to be known to tell whether it happens; `undefined`: it happens. */
export type PoisonDoubt = "version" | "dataplane";

export type Poison = {
  /** `Kind/name` */
  readonly object: string;
  readonly field: string;
  readonly effect: PoisonEffect;
  /** What no longer changes, when `effect` is `freeze`. */
  readonly freezes?: "policies" | "host-endpoints" | "configuration" | "sets";
  readonly doubt?: PoisonDoubt;
  /** What happens, a sentence. */
  readonly message: string;
  readonly fix: string;
};

/** What Felix programs on a node. */
export type Rendering = "iptables" | "nftables" | "bpf";

/** One thing that some versions cannot digest. */
export type PoisonRow<Input> = {
  readonly source: string;
  /** The versions that suffer from it. */
  readonly versions: readonly VersionRange[];
  /** The renderings that suffer from it; absent: it happens before anything is rendered. */
  readonly renderings?: readonly Rendering[];
  readonly effect: PoisonEffect;
  readonly freezes?: Poison["freezes"];
  readonly find: (input: Input) => readonly Found[];
};
export type Found = { readonly field: string; readonly why: string; readonly fix: string };

export const EVERY: readonly VersionRange[] = [[undefined, undefined]];
