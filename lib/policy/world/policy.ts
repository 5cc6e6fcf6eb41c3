import type { CompiledRule } from "../rules/compile-rule.ts";
import type { Selector } from "../selector/parse-selector.ts";
import type { OrderedPolicy } from "./order.ts";

/** Kinds that Felix orders together in a tier. `Staged…` ones are ordered, shown, and never enforced. */
export type PolicyKind =
  | "GlobalNetworkPolicy"
  | "NetworkPolicy"
  | "KubernetesNetworkPolicy"
  | "StagedGlobalNetworkPolicy"
  | "StagedNetworkPolicy"
  | "StagedKubernetesNetworkPolicy";

/** Where a policy takes part: before connection tracking, before DNAT, or in the normal chains (docs/calico.md 5.4). */
export type PolicyClass = "untracked" | "preDNAT" | "normal";

/** A policy that survived Felix's filter, ready to be asked. */
export type Policy = OrderedPolicy & {
  /** Name of the object, as the API serves it. */
  readonly name: string;
  /** Empty for the global kinds. */
  readonly namespace: string;
  readonly kind: PolicyKind;
  /** Name for people: without the `default.` that old versions stored (docs/calico.md 1.4). */
  readonly shownName: string;
  readonly tier: string;
  readonly staged: boolean;
  readonly selector: Selector;
  /**
   * What is beyond the bounds of looking, and why. Whether Felix has the policy, and what it selects, is then open: it
   * counts as one that may be there, and none of its rules as certain.
   */
  readonly undecidable: string | undefined;
  readonly class: PolicyClass;
  readonly applyOnForward: boolean;
  readonly governsIngress: boolean;
  readonly governsEgress: boolean;
  readonly ingress: readonly CompiledRule[];
  readonly egress: readonly CompiledRule[];
};

/** `Kind/name` or `Kind/namespace/name`. */
export function policyKey(policy: Pick<Policy, "kind" | "namespace" | "name">): string {
  return policy.namespace === ""
    ? `${policy.kind}/${policy.name}`
    : `${policy.kind}/${policy.namespace}/${policy.name}`;
}
