import {
  EVERY_VERSION,
  MASTER,
  formatCalicoVersion,
  isInRanges,
  type CalicoVersion,
} from "./calico-version.ts";

/** What Calico's decision depends on besides the objects: one value for each rule that changed between versions. */
export type VersionRules = {
  /**
   * The tier that a policy belongs to: there is one tier only; the text before the first dot of the stored name; the field
   * `spec.tier`.
   */
  readonly tierFrom: "no-tiers" | "name" | "spec";
  /** Beginnings of stored names that stand for a tier of their own when the tier comes from the name. */
  readonly tierPrefixes: "admin" | "admin-and-baseline";
  /** What breaks the tie of equal orders: the name with its prefixes, or name, namespace and kind. */
  readonly ties: "prefixed-name" | "name-and-kind";
  /** Whether Felix reads the `Staged…` kinds at all. */
  readonly stagedPolicies: "unknown" | "read";
  /** A rule with a named port and no protocol: the whole policy is lost, or the port is looked up for every protocol. */
  readonly namedPortWithoutProtocol: "drops-policy" | "kept";
  /** Label keys and values that Kubernetes would refuse (the metadata annotation can hold them): the object is lost, or kept. */
  readonly invalidLabels: "drop-object" | "kept";
  /** A FelixConfiguration called neither `default` nor `node.<name>`. */
  readonly otherConfigurations: "ignored" | "by-node-selector";
  /** nftables without a word in the configuration: there is no such mode; only when enabled; where kube-proxy uses it. */
  readonly nftables: "none" | "when-enabled" | "auto";
  /** eBPF: UDP to the WireGuard port from or to an address that is no node's. */
  readonly bpfForeignWireguard: "policy" | "dropped";
  /** eBPF: UDP to the WireGuard port between nodes: let through when both ports are that port, or whatever the source port. */
  readonly bpfNodeWireguard: "both-ports" | "destination-port";
  /** eBPF: whether bonds are data interfaces by default. */
  readonly bpfBond: "no-data-interface" | "data-interface";
  /** eBPF: whether `lo` is a data interface by default (while hosts reach services without connect-time balancing). */
  readonly bpfLoopback: "no-data-interface" | "data-interface";
};

/** A rule's values, each from a version on; the first holds for everything older. */
type History<T> = {
  readonly source: string;
  readonly values: readonly [first: T, ...later: (readonly [since: string, value: T])[]];
};

/** Source of each: docs/calico-versions.md. */
export const VERSION_RULES: { readonly [Rule in keyof VersionRules]: History<VersionRules[Rule]> } = {
  tierFrom: { source: "0, 4", values: ["no-tiers", ["3.29.0", "name"], ["3.32.0", "spec"]] },
  tierPrefixes: { source: "0, correction 11", values: ["admin", ["3.30.0", "admin-and-baseline"]] },
  ties: { source: "0, correction 3", values: ["prefixed-name", ["3.32.0", "name-and-kind"]] },
  stagedPolicies: { source: "0", values: ["unknown", ["3.30.0", "read"]] },
  namedPortWithoutProtocol: { source: "correction 1", values: ["drops-policy", ["3.32.0", "kept"]] },
  invalidLabels: { source: "correction 2", values: ["drop-object", ["3.30.1", "kept"]] },
  otherConfigurations: { source: "0, correction 4", values: ["ignored", ["3.32.0", "by-node-selector"]] },
  nftables: { source: "0, 1", values: ["none", ["3.29.0", "when-enabled"], ["3.32.0", "auto"]] },
  bpfForeignWireguard: {
    source: "4",
    values: ["policy", ["3.32.0", "dropped"], ["3.32.2", "policy"]],
  },
  bpfNodeWireguard: { source: "4", values: ["both-ports", ["3.32.0", "destination-port"]] },
  bpfBond: { source: "4", values: ["no-data-interface", ["3.28.1", "data-interface"]] },
  bpfLoopback: { source: "4", values: ["no-data-interface", ["3.27.0", "data-interface"]] },
};

const known = new Map<string, VersionRules>();

/** The rules of one version. */
export function rulesOf(version: CalicoVersion): VersionRules {
  const key = formatCalicoVersion(version);
  const rules =
    known.get(key) ??
    (Object.fromEntries(
      Object.entries(VERSION_RULES).map(([rule, { values }]) => [rule, valueAt(values, version)]),
    ) as VersionRules);
  if (known.size < EVERY_VERSION.length) known.set(key, rules);
  return rules;
}

function valueAt<T>([first, ...later]: History<T>["values"], version: CalicoVersion): T {
  return later.findLast(([since]) => isInRanges(version, [[since, undefined]]))?.[1] ?? first;
}

/** What docs/calico.md describes. */
export const NEWEST_RULES = rulesOf(MASTER);
