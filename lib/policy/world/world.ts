import type { AddressSet } from "../../address/address-set.ts";
import type { FelixEnvironments } from "../agent/environment-for.ts";
import type { AutomaticDataplane, FelixSettings, FelixSource } from "../felix/felix-settings.ts";
import type { SetTable } from "../rules/set-table.ts";
import type { CalicoVersion } from "../version/calico-version.ts";
import type { VersionRules } from "../version/version-rules.ts";
import type { Endpoint } from "./endpoint.ts";
import type { LabelledAddresses, Pod } from "./labelled-addresses.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { OrderedTier } from "./order.ts";
import type { Policy } from "./policy.ts";
import type { Profile } from "./profile.ts";
import type { Narrowing, TierPolicies } from "./tier-policies.ts";

/** Kinds whose objects are members of address sets; a set is only known when every one of them was read completely. */
export const MEMBER_KINDS = [
  "Pod",
  "Namespace",
  "ServiceAccount",
  "HostEndpoint",
  "GlobalNetworkSet",
  "NetworkSet",
] as const;
/** Kinds that hold policies for pods. */
export const POD_POLICY_KINDS = ["NetworkPolicy", "KubernetesNetworkPolicy"] as const;
export type ReadKind = (typeof MEMBER_KINDS)[number] | (typeof POD_POLICY_KINDS)[number];

/** A tier and its policies, both in Felix's order. */
export type Tier = OrderedTier & {
  /** What happens to traffic that no policy of the tier decided. */
  readonly defaultAction: "deny" | "pass";
  readonly policies: readonly Policy[];
};

/** Something about the input that a person should know. */
export type Note = { readonly object: string; readonly message: string };

/** Everything that does not depend on nodes and HostEndpoints; compiled once and shared by the worlds of a guard. */
export type CompiledPolicies = {
  /** How the objects were read, and which versions of Calico read them so. */
  readonly rules: VersionRules;
  readonly versions: readonly CalicoVersion[];
  /** What Felix programs where its configuration does not say. */
  readonly automatic: AutomaticDataplane;
  /** The same objects as other versions that may run read them; empty when all read them alike. */
  readonly otherReadings: readonly CompiledPolicies[];
  readonly tiers: readonly Tier[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly pods: readonly Pod[];
  /** Pods by node, then by address. */
  readonly podsByNode: ReadonlyMap<string, ReadonlyMap<number | bigint, Pod>>;
  readonly networkSets: readonly LabelledAddresses[];
  readonly felixSources: readonly FelixSource[];
  /** What the agents' environments say, node by node; stronger than every one of the sources. */
  readonly felixEnvironments: FelixEnvironments;
  readonly sets: SetTable;
  /** Label names that policies look at when they select endpoints. */
  readonly policyLabelNames: readonly string[];
  /** Kinds that were not read completely: what depends on them is unknown. */
  readonly unread: ReadonlySet<ReadKind>;
  readonly notes: readonly Note[];
};

/** One node with what Calico has on it. */
export type WorldNode = {
  readonly facts: NodeFacts;
  readonly settings: FelixSettings;
  /** Kept by Felix, in the order of names: the first that matches an interface wins. */
  readonly endpoints: readonly Endpoint[];
  readonly wildcard: Endpoint | undefined;
};

/** The tier lists of an endpoint, per hook and direction. */
export type HookTiers = Readonly<Record<"untracked" | "preDNAT" | "forward" | "normal", DirectionTiers>>;
export type DirectionTiers = {
  readonly ingress: readonly TierPolicies[];
  readonly egress: readonly TierPolicies[];
};

export type IgnoredEndpoint = { readonly name: string; readonly node: string; readonly because: string };

/** A world that can be asked for verdicts. */
export type World = {
  readonly policies: CompiledPolicies;
  /** The world as other versions of Calico that may run read it, in the order of the policies' readings. */
  readonly otherReadings: readonly World[];
  readonly nodes: ReadonlyMap<string, WorldNode>;
  /** By name; the ones that Felix dropped are not in it. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** HostEndpoints that Felix does not have, and why. */
  readonly ignoredEndpoints: readonly IgnoredEndpoint[];
  /** Policies that select something with these labels, arranged as Felix asks them. Cached per distinct labels. */
  readonly tiersFor: (labels: ReadonlyMap<string, string>) => HookTiers;
  /** The part of a tier list that can matter to a packet. */
  readonly narrow: Narrowing;
  /** Members of an address set of the SetTable. */
  readonly members: (set: number) => AddressSet;
  /** Members of a named-port set: addresses by `protocol << 16 | port`. */
  readonly portMembers: (set: number) => ReadonlyMap<number, AddressSet>;
  /** True when objects that were not read could be members of the set. */
  readonly mayHaveUnread: (set: number) => boolean;
  /** Addresses of nodes that send each other tunnel packets. */
  readonly tunnelPeers: (kind: "IP-in-IP" | "VXLAN") => AddressSet;
  readonly notes: readonly Note[];
};
