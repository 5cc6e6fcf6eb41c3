import type { CalicoVersion } from "./calico-version.ts";
import type { StringMap } from "./kubernetes-object.ts";

/**
 * A DaemonSet that runs Felix: one with a container `calico-node`, whatever it is called and wherever it lives.
 * Source: docs/calico-versions.md 1 (`calico-node`, `canal`, `rke2-canal` in several namespaces; labels are not safe).
 */
export type CalicoAgent = {
  readonly namespace: string;
  readonly name: string;
  /** Of the container `calico-node`; empty when it names none. */
  readonly image: string;
  /** What the image's tag says; absent for a digest, or a tag that is no version. */
  readonly version?: CalicoVersion;
  readonly variables: AgentVariables;
  /** `CALICO_API_GROUP`: the group that this agent reads, where somebody settled it. */
  readonly apiGroup?: string;
  readonly placement: AgentPlacement;
  readonly rollout: AgentRollout;
};

/** What the environment of the container says of Felix. */
export type AgentVariables = {
  /** `FELIX_…` variables in upper case; an empty value says nothing to Felix, and is left out. */
  readonly values: StringMap;
  /** Variables that are set to a value that nobody can see from here. Sorted. */
  readonly unreadable: readonly string[];
  /** What may hold variables that nobody can see from here, `ConfigMap/name`. Sorted. */
  readonly sources: readonly string[];
};

/** Pods of the status; 0 where the status says nothing. */
export type AgentRollout = { readonly desired: number; readonly ready: number; readonly updated: number };

/** Where a DaemonSet puts its pods, as far as the Nodes tell. */
export type AgentPlacement = {
  /** Set: on this Node only. */
  readonly nodeName?: string;
  readonly nodeSelector: StringMap;
  /** Required node affinity: one of the terms has to hold. Absent: there is none. */
  readonly terms?: readonly NodeTerm[];
  readonly tolerations: readonly Toleration[];
  /** `spec.os.name` of the template. */
  readonly operatingSystem?: string;
  readonly hostNetwork: boolean;
  /** True when there is more to it than is read here: where it covers a node cannot be told then. */
  readonly unclear: boolean;
};

/** All of its requirements have to hold; one without any holds nowhere. */
export type NodeTerm = {
  readonly labels: readonly NodeRequirement[];
  readonly fields: readonly NodeRequirement[];
};
export type NodeRequirement = {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
};
export type Toleration = {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  /** Empty: every effect. */
  readonly effect: string;
};

/** Who enforces, and which Calico it is, as far as the cluster tells. */
export type CalicoFacts = {
  /** Every release that may be running, oldest first; empty: not known, so anything may. */
  readonly versions: readonly CalicoVersion[];
  /** Sorted by namespace and name. */
  readonly agents: readonly CalicoAgent[];
  /**
   * Which DaemonSets were looked at. `all`: what is not among the agents is not there. `named`: only those called
   * `calico-node` may be listed. `none`: no DaemonSet may be listed. In the last two there may be an agent that nobody sees.
   */
  readonly looked: "all" | "named" | "none";
  /** `ClusterInformation/default`, `spec.calicoVersion`, as it stands there; empty when it says nothing. */
  readonly stated: string;
};
