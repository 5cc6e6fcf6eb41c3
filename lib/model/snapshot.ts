import type { CalicoFacts } from "./calico-agent.ts";
import type { CalicoGroup } from "./calico-group.ts";
import type { HostEndpoint } from "./host-endpoint.ts";
import type { Instance } from "./instance.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import type { NetworkFacts } from "./network-facts.ts";
import type { Node } from "./node.ts";
import type { NodeHealth } from "./rollout.ts";
import type { Scope } from "./scope.ts";

/**
 * The world at one moment, read whole. Host endpoints were read before nodes, so a node that joined in between
 * is never mistaken for an orphan's missing node.
 */
export type Snapshot = {
  readonly scope: Scope;
  readonly group: CalicoGroup;
  /** True when `nodes` and `hostEndpoints` are all that the cluster has. */
  readonly complete: boolean;
  /** Sorted by name. */
  readonly nodes: readonly Node[];
  /** Names in scope for which a GET answered 404 (or that a complete list does not hold). Sorted. */
  readonly absentNodes: readonly string[];
  /** Sorted by name. */
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly cluster: ClusterState;
  /** Calico's objects that decide verdicts, as served. */
  readonly policyObjects: PolicyObjects;
  /** Who enforces, and which Calico. */
  readonly calico: CalicoFacts;
  /** What could be learned of the network around the nodes. */
  readonly network: NetworkFacts;
  /** How the canaries that are on trial fare; absent: nobody asked. */
  readonly health?: readonly NodeHealth[];
  /** Where the scope's EC2 instances are: instance id -> what was found. Empty without instances in scope. */
  readonly instances: readonly ResolvedInstance[];
  /** Instances of endpoints without a Node that are gone, in EC2's own word; absent or missing in it: nobody says so. */
  readonly goneInstances?: ReadonlySet<string>;
  /** RFC 3339: when nodes and endpoints had been read, by the API server's clock. */
  readonly takenAt: string;
};

export type ClusterState = {
  /** Present while nothing may be written: what is written now would be lost, or read by nobody. */
  readonly paused?: Pause;
  /** True when Calico's own controller makes host endpoints too (KubeControllersConfiguration, autoCreate). */
  readonly autoHostEndpoints: boolean;
};

export type Pause = {
  readonly reason: "migration-in-progress" | "datastore-locked" | "group-unclear";
  readonly detail: string;
  readonly fix: string;
};

/** Only what decides about host traffic and can be listed in a few requests; Pods and service accounts are not read. */
export type PolicyObjects = {
  readonly globalNetworkPolicies: readonly KubernetesObject[];
  readonly tiers: readonly KubernetesObject[];
  readonly globalNetworkSets: readonly KubernetesObject[];
  /** Absent: nobody asked, because no rule has a selector. */
  readonly networkSets?: readonly KubernetesObject[];
  readonly felixConfigurations: readonly KubernetesObject[];
  /**
   * Those with a container `calico-node`, whatever they are called and wherever they live; their `FELIX_…` variables beat every
   * FelixConfiguration. Absent: DaemonSets may not be listed.
   */
  readonly daemonSets?: readonly KubernetesObject[];
  /** In their place, where only DaemonSets called `calico-node` may be listed. */
  readonly namedDaemonSets?: readonly KubernetesObject[];
};

export type ResolvedInstance = {
  readonly instanceId: string;
  /** Undefined when EC2 does not know it. */
  readonly instance?: Instance;
  /** Name of its Node when it is registered. */
  readonly node?: string;
  readonly kind: "registered" | "not-registered" | "gone" | "other-cluster" | "unknown";
};
