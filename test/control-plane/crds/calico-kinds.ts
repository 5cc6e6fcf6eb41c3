import type { Schema, ValidationRule } from "./custom-resource-definition.ts";
import { hostEndpointSpec, networkSetSpec } from "./endpoint-schemas.ts";
import { felixConfigurationRules, felixConfigurationSpec } from "./felix-configuration-schema.ts";
import { stagedKubernetesNetworkPolicySpec } from "./kubernetes-policy-schema.ts";
import {
  globalNetworkPolicySpec,
  networkPolicySpec,
  stagedGlobalNetworkPolicySpec,
  stagedNetworkPolicySpec,
} from "./policy-schemas.ts";
import {
  clusterInformationSpec,
  kubeControllersConfigurationSpec,
  kubeControllersConfigurationStatus,
} from "./settings-schemas.ts";
import { tierRules, tierSpec, tierStatus } from "./tier-schema.ts";

/** One kind of Calico's, in what both of its API groups say about it. */
export type CalicoKind = {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly spec: Schema;
  /** Present where the kind has a status subresource. */
  readonly status?: Schema;
  /** Rules over the whole object. */
  readonly rules?: readonly ValidationRule[];
  /** True where the classic group insists on a spec as well; the native group always does. */
  readonly alwaysWithSpec?: boolean;
  /** Names for typing; only the native group has them. */
  readonly shortNames?: readonly string[];
  /** Field selectors of the native group. */
  readonly selectableFields?: readonly string[];
};

const byTier = [".spec.tier"];

/** The kinds that this project reads or writes. */
export const calicoKinds: readonly CalicoKind[] = [
  {
    kind: "HostEndpoint",
    plural: "hostendpoints",
    namespaced: false,
    spec: hostEndpointSpec,
    shortNames: ["hep", "heps"],
  },
  {
    kind: "GlobalNetworkPolicy",
    plural: "globalnetworkpolicies",
    namespaced: false,
    spec: globalNetworkPolicySpec,
    shortNames: ["gnp", "cgnp"],
    selectableFields: byTier,
  },
  {
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    namespaced: true,
    spec: networkPolicySpec,
    shortNames: ["cnp", "caliconetworkpolicy"],
    selectableFields: byTier,
  },
  {
    kind: "StagedGlobalNetworkPolicy",
    plural: "stagedglobalnetworkpolicies",
    namespaced: false,
    spec: stagedGlobalNetworkPolicySpec,
    shortNames: ["sgnp"],
    selectableFields: byTier,
  },
  {
    kind: "StagedNetworkPolicy",
    plural: "stagednetworkpolicies",
    namespaced: true,
    spec: stagedNetworkPolicySpec,
    shortNames: ["scnp", "snp"],
    selectableFields: byTier,
  },
  {
    kind: "StagedKubernetesNetworkPolicy",
    plural: "stagedkubernetesnetworkpolicies",
    namespaced: true,
    spec: stagedKubernetesNetworkPolicySpec,
    shortNames: ["sknp"],
  },
  {
    kind: "GlobalNetworkSet",
    plural: "globalnetworksets",
    namespaced: false,
    spec: networkSetSpec,
    shortNames: ["gns"],
  },
  { kind: "NetworkSet", plural: "networksets", namespaced: true, spec: networkSetSpec },
  {
    kind: "Tier",
    plural: "tiers",
    namespaced: false,
    spec: tierSpec,
    status: tierStatus,
    rules: tierRules,
    alwaysWithSpec: true,
  },
  {
    kind: "FelixConfiguration",
    plural: "felixconfigurations",
    namespaced: false,
    spec: felixConfigurationSpec,
    rules: felixConfigurationRules,
  },
  {
    kind: "KubeControllersConfiguration",
    plural: "kubecontrollersconfigurations",
    namespaced: false,
    spec: kubeControllersConfigurationSpec,
    status: kubeControllersConfigurationStatus,
    shortNames: ["kcc", "kccs"],
  },
  {
    kind: "ClusterInformation",
    plural: "clusterinformations",
    namespaced: false,
    spec: clusterInformationSpec,
    shortNames: ["clusterinfo", "clusterinfos"],
  },
];
