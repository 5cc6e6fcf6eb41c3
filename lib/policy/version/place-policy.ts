import { CALICO_V3 } from "../../model/calico-group.ts";
import type { VersionRules } from "./version-rules.ts";

/** What of a policy decides its place among the others. */
export type PlacedPolicy = {
  /** Name of the object, as the API serves it. */
  readonly name: string;
  /** Empty for the global kinds. */
  readonly namespace: string;
  readonly kind: string;
  /** `spec.tier`; empty when it is not set. */
  readonly tier: string;
  readonly apiVersion: string;
};

type TierRules = Pick<VersionRules, "tierFrom" | "tierPrefixes">;

const DEFAULT = "default";

/** Beginnings of stored names that mean a tier of another name than the text before the first dot. */
const RESERVED: readonly (readonly [prefix: string, tier: string, since: VersionRules["tierPrefixes"]])[] = [
  ["knp.default.", DEFAULT, "admin"],
  ["ossg.", DEFAULT, "admin"],
  ["kanp.adminnetworkpolicy.", "adminnetworkpolicy", "admin"],
  ["kbanp.baselineadminnetworkpolicy.", "baselineadminnetworkpolicy", "admin-and-baseline"],
];

/**
 * The tier in which Felix asks the policy. From 3.29 to 3.31 the stored name says it and `spec.tier` says nothing.
 * Source: docs/calico-versions.md 0 and 4; test/oracle/by-version.
 */
export function tierOf(rules: TierRules, policy: PlacedPolicy): string {
  switch (rules.tierFrom) {
    case "no-tiers":
      return DEFAULT;
    case "spec":
      return policy.tier === "" ? DEFAULT : policy.tier;
    case "name": {
      if (policy.kind.endsWith("KubernetesNetworkPolicy")) return DEFAULT;
      const name = storedName(policy);
      const reserved = RESERVED.find(
        ([prefix, , since]) =>
          name.startsWith(prefix) && (since === "admin" || rules.tierPrefixes === "admin-and-baseline"),
      );
      if (reserved !== undefined) return reserved[1];
      const dot = name.indexOf(".");
      return dot < 0 ? DEFAULT : name.slice(0, dot);
    }
  }
}

/**
 * The text that orders policies of one tier and one `order`, byte by byte: `name/namespace/kind`, so that `a-b` comes before
 * `a`; up to 3.31 the stored name alone, with its namespace and the mark of staged ones before it.
 * Source: docs/calico.md 5.2; docs/calico-versions.md 0, correction 3.
 */
export function tieBreakerOf({ ties }: Pick<VersionRules, "ties">, policy: PlacedPolicy): string {
  const { name, namespace, kind } = policy;
  switch (ties) {
    case "name-and-kind":
      return `${name}/${namespace}/${kind}`;
    case "prefixed-name":
      return [
        namespace === "" ? "" : `${namespace}/`,
        kind.startsWith("Staged") ? "staged:" : "",
        kind.endsWith("KubernetesNetworkPolicy") ? "knp.default." : "",
        kind.endsWith("KubernetesNetworkPolicy") ? name : storedName(policy),
      ].join("");
  }
}

/**
 * The name under which releases up to 3.31 keep the policy. Their API server for `projectcalico.org/v3` stores a policy of
 * the tier `default` with that prefix and shows it without; what is written straight into the CRD keeps its name.
 */
function storedName({ name, tier, apiVersion }: PlacedPolicy): string {
  const isShort = !name.includes(".") && (tier === "" || tier === DEFAULT);
  return apiVersion === CALICO_V3 && isShort ? `${DEFAULT}.${name}` : name;
}
